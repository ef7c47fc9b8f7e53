import Interactions
import SeededRandom
import Testing

@Suite("Catalog")
struct CatalogTests {
    @Test("has one encoding, whatever file it came from")
    func canonical() throws {
        let first = try Catalog(csv: Array("item_id,title,categories\na,\"The \"\"A\"\"\",x|y\nb,,\n".utf8), fileName: "catalog.csv")
        let second = try Catalog(csv: Array("\u{FEFF}categories;ignored;item_id;title\r\n|x||y;1;\"a\"; \"The \"\"A\"\"\"\r\n".utf8), fileName: "catalog.csv")
        #expect(first.items == [CatalogItem(id: "a", title: "The \"A\"", categories: ["x", "y"]), CatalogItem(id: "b")])
        #expect(String(decoding: first.encoded(), as: UTF8.self) == "item_id,title,categories\na,\"The \"\"A\"\"\",x|y\nb,,\n")
        #expect(second.items[0].id == "a" && second.items[0].categories == ["x", "y"])
        #expect(first.index(of: "b") == 1 && first.index(of: "c") == nil)
        #expect(first.digest.count == 32 && first.digest != second.digest)
    }

    @Test("any catalog survives encoding and reading")
    func roundTrip() throws {
        var stream = RandomStream(seed: 1, "catalog")
        let letters = Array("ab,\"; \t\r\né漢|").map(String.init)
        func text(_ longest: Int, without: String = "") -> String { (0..<stream.below(longest + 1)).map { _ in letters[stream.below(letters.count)] }.filter { $0 != without }.joined() }
        for _ in 0..<200 {
            let items = (0..<stream.below(20)).map { CatalogItem(id: "\($0)" + text(5), title: text(8), categories: (0..<stream.below(3)).map { _ in text(4, without: "|") }) }
            let catalog = try Catalog(items: items)
            let again = try Catalog(csv: catalog.encoded(), fileName: "catalog.csv")
            #expect(again == catalog)
            #expect(again.digest == catalog.digest)
        }
    }

    @Test(
        "mistakes are errors with their place",
        arguments: [
            ("item_id,title\na,x\na,y\n", ImportError.Code.duplicateItem, 3), ("item_id,title\n,x\n", .malformed, 2), ("item_id,title\na\n", .malformed, 2),
            ("id,title\na,x\n", .missingColumn, 1), ("", .missingColumn, 1), ("item_id\n\"a", .malformed, 2),
        ])
    func mistakes(text: String, code: ImportError.Code, line: Int) {
        let error = #expect(throws: ImportError.self) { try Catalog(csv: Array(text.utf8), fileName: "catalog.csv") }
        #expect(error?.code == code && error?.place.line == line && error?.place.fileName == "catalog.csv")
    }

    @Test("an item made in code is checked too")
    func checked() {
        #expect(throws: ImportError.self) { try Catalog(items: [CatalogItem(id: "a", categories: ["x|y"])]) }
        #expect(throws: ImportError.self) { try Catalog(items: [CatalogItem(id: "")]) }
    }
}
