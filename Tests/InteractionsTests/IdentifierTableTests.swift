import Interactions
import Testing

@Suite("Identifier tables")
struct IdentifierTableTests {
    @Test("number ids by first appearance and find them again")
    func numbers() {
        var table = IdentifierTable()
        let ids = (0..<5000).map { "id-\($0 * 7919 % 5000)" } + ["", "é", "e\u{301}"]
        for (number, id) in ids.enumerated() { #expect(table.intern(id) == Int32(number)) }
        for (number, id) in ids.enumerated() {
            #expect(table.intern(id) == Int32(number) && table.index(of: id) == Int32(number))
            #expect(Array(table[number].utf8) == Array(id.utf8))
        }
        #expect(table.count == ids.count && table.index(of: "other") == nil)
        #expect(IdentifierTable(ids + ids) == table)
    }
}
