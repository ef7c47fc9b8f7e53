import Interactions
import SeededRandom
import Testing

@Suite("Malformed event files")
struct MalformedInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var name: InteractionFormat.Name
        var place: (Int, Int)
        var expected: String
        var testDescription: String { "\(name.rawValue): \(expected)" }

        init(_ text: String, _ name: InteractionFormat.Name, _ line: Int, _ column: Int, _ expected: String) {
            (self.text, self.name, self.place, self.expected) = (text, name, (line, column), expected)
        }
    }

    @Test(
        "an error names file, line, column and what was expected",
        arguments: [
            Case("1\t2\t3\t4\n1\t2\tx\t4\n", .movielens, 2, 5, "a rating"),
            Case("1\t2\t3\t4\n1\t2\t3\n", .movielens, 2, 1, "4 fields (user, item, rating, Unix time), found 3"),
            Case("1::2::3::4\n::2::3::4\n", .movielensDat, 2, 1, "a user"),
            Case("user,item,time\n1,2,3\n1,2,soon\n", .csv, 3, 5, "a Unix time"),
            Case("user,item\n1,2\n\n1\n", .csv, 4, 1, "2 fields as in the header"),
            Case("user,item\n1,\"a\"b\n", .csv, 2, 6, "after the closing quote"),
            Case("user,item\n1,\"a\n\n", .csv, 2, 3, "a closing quote"),
            Case("user,item\n1,\n", .csv, 2, 3, "an item"),
            Case("{\"user\":1,\"item\":2}\n{\"user\":1,\"item\":}\n", .jsonl, 2, 18, "a JSON value"),
            Case("{\"user\":1,\"item\":2}\n{\"user\":1}\n", .jsonl, 2, 1, "an item"),
            Case("{\"user\":1,\"item\":2}\n{\"user\":1,\"item\":\"\\ud800x\"}\n", .jsonl, 2, 25, "surrogate"),
            Case("1 2\n1 2 3\n", .pairs, 2, 1, "a user and an item, found 3"),
            Case("1 2 3\n4\n", .userLines, 2, 1, "at least one item"),
        ])
    func places(_ sample: Case) {
        let error = #expect(throws: ImportError.self) { try read(sample.text, as: sample.name) }
        #expect(error?.code == .malformed)
        #expect(error?.place == ImportError.Place(fileName: "events", line: sample.place.0, column: sample.place.1), "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.message.contains(sample.expected) == true, "\(error?.message ?? "")")
    }

    @Test("malformed rows are tolerated up to the number given, counted, and leave no ids behind")
    func tolerated() throws {
        let text = "user,item,time\n1,a,5\n2,b,x\n3\n1,c,6\n"
        let reader = try read(text, options: ImportOptions(malformedAllowed: 2))
        #expect(reader.report.malformedCount == 2 && reader.report.malformedExamples.map(\.place.line) == [3, 4])
        #expect(reader.table.users.identifiers == ["1"] && reader.table.items.identifiers == ["a", "c"])
        let error = #expect(throws: ImportError.self) { try read(text, options: ImportOptions(malformedAllowed: 1)) }
        #expect(error?.place.line == 4)
    }

    @Test("text that is not UTF-8, and files of other kinds, are refused with what helps")
    func encodings() {
        func message(_ bytes: [UInt8]) -> String { "\((#expect(throws: ImportError.self) { try read(bytes) }) as Any)" }
        #expect(message(Array("user,item\n1,caf".utf8) + [0xE9, 0x0A]).contains("iconv"))
        #expect(message([0xFF, 0xFE, 0x31, 0x00]).contains("UTF-16"))
        #expect(message([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 1]).contains("xz -d events"))
        #expect(message([0x50, 0x4B, 3, 4]).contains("unzip"))
        #expect(message([]).contains("empty"))
        #expect(message(Array("hello\n".utf8)).contains("name it"))
        #expect(message(Array("customer,b,c\n".utf8)).contains("which column holds the item"))
    }

    @Test("a chosen column that the header lacks is named")
    func missingColumn() {
        let error = #expect(throws: ImportError.self) { try read("user,item\n1,2\n", columns: ColumnChoice(user: "customer")) }
        #expect(error?.code == .missingColumn && error?.message.contains("\"customer\", found user, item") == true)
    }

    @Test("random bytes end in events or an error, never in a crash", arguments: InteractionFormat.Name.allCases)
    func randomBytes(_ name: InteractionFormat.Name) {
        var stream = RandomStream(seed: 5, "fuzz", name.rawValue)
        let alphabet: [UInt8] = Array("019ab,;:\t \r\n\"{}[]\\u.-+eE/".utf8) + [0, 0xEF, 0xBB, 0xBF, 0xC3, 0xA9, 0xFF]
        let starts = ["", "user,item,time,rating\n", "user\titem\n", "{\"user\":\"1\",\"item\":\"2\"}\n", "1::2::3::4\n", "1 2\n", "\"user\";\"item\"\n"]
        for round in 0..<1500 {
            let start = Array(starts[round % starts.count].utf8)
            let bytes = start + (0..<stream.below(200)).map { _ in stream.below(10) == 0 ? UInt8(stream.below(256)) : alphabet[stream.below(alphabet.count)] }
            for tolerance in [0, 1000] {
                do {
                    let reader = try read(bytes, as: name, options: ImportOptions(malformedAllowed: tolerance), chunk: 1 + stream.below(50))
                    #expect(reader.report.eventCount == reader.table.count)
                    #expect(reader.report.malformedCount <= tolerance)
                } catch {
                    #expect(error is ImportError)
                }
            }
            _ = try? Catalog(csv: bytes, fileName: "catalog")
        }
    }
}
