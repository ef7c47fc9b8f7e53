import Interactions
import Testing

@Suite("Formats of event files")
struct FormatTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: InteractionFormat.Name
        var text: String
        var events: [Interaction]
        var testDescription: String { name.rawValue }
    }

    static let timed = [
        Interaction(user: "196", item: "242", time: 881_250_949_000, rating: 3), Interaction(user: "186", item: "302", time: 891_717_742_000, rating: 4.5),
    ]
    static let plain = [Interaction(user: "1", item: "a"), Interaction(user: "1", item: "b"), Interaction(user: "2", item: "a")]

    static let samples = [
        Sample(name: .movielens, text: "196\t242\t3\t881250949\n186\t302\t4.5\t891717742\n", events: timed),
        Sample(name: .movielensDat, text: "196::242::3::881250949\r\n186::302::4.5::891717742", events: timed),
        Sample(name: .csv, text: "user_id,movieId,rating,timestamp\n196,242,3,881250949\n186,302,4.5,891717742\n", events: timed),
        Sample(name: .csv, text: "timestamp;rating;item;user\n881250949;3;242;196\n891717742;4.5;302;186\n", events: timed),
        Sample(name: .tsv, text: "\u{FEFF}user\titem\trating\tts\n196\t242\t3\t881250949000\n186\t302\t4.5\t891717742000", events: timed),
        Sample(
            name: .jsonl,
            text: #"{"user": 196, "item": "242", "rating": 3, "time": 881250949}"# + "\n" + #"{"x": [1, {"y": null}], "time": "1998-04-04T19:22:22Z", "rating": 4.5, "item": "\u0033\u00302", "user": "186"}"# + "\n",
            events: timed),
        Sample(name: .pairs, text: "1 a\n1 b\n\n2 a\n", events: plain),
        Sample(name: .userLines, text: "1 a b\n2  a \r\n", events: plain),
    ]

    @Test("a format is recognised, and read the same in chunks of any size", arguments: samples, [1, 2, 3, 7, 1000])
    func recognised(_ sample: Sample, chunk: Int) throws {
        let reader = try read(sample.text, chunk: chunk)
        #expect(reader.format.name == sample.name)
        #expect(reader.table.events == sample.events)
        #expect(reader.report.eventCount == sample.events.count && reader.report.malformedCount == 0)
    }

    @Test("a format can be named", arguments: samples)
    func named(_ sample: Sample) throws { #expect(try read(sample.text, as: sample.name).table.events == sample.events) }

    @Test("quoted fields hold separators, quotes and line ends")
    func quoted() throws {
        let reader = try read("item,user\n\"LAMP, \"\"RED\"\"\n13\"\" HIGH\",7\r\n\"  padded \", 8 \n")
        #expect(reader.table.events == [Interaction(user: "7", item: "LAMP, \"RED\"\n13\" HIGH"), Interaction(user: "8", item: "  padded ")])
    }

    @Test("columns are mapped by name; padding of unquoted fields does not make another item")
    func mapped() throws {
        let text = "Description,Quantity,When,Price,Who\nLAMP,6,2010-12-01 08:26,2.55,17850\n LAMP  ,1,12/1/2010 8:27,1,17850\n"
        let reader = try read(text, columns: ColumnChoice(user: "Who", item: "Description", time: "When"))
        #expect(reader.table.items.identifiers == ["LAMP"])
        #expect(reader.table.time == [1_291_191_960_000, 1_291_192_020_000])
    }

    @Test("rows without a user and rows that miss a condition are left out and counted")
    func conditions() throws {
        let text = "item,Quantity,user,Country\na,6,1,UK\nb,-1,1,UK\nc,2,,UK\nd,3,NA,UK\ne,1,2,France\nf,0,,UK\n"
        let options = ImportOptions(missingUser: .drop, conditions: [try RowPredicate(parsing: "Quantity > 0"), try RowPredicate(parsing: "Country=UK")])
        let reader = try read(text, options: options)
        #expect(reader.table.events == [Interaction(user: "1", item: "a")])
        #expect(reader.report.rowCount == 6)
        #expect(reader.report.missingUserCount == 3)
        #expect(reader.report.missedConditions.map(\.count) == [1, 1])
    }

    @Test("conditions are read", arguments: [("a>0", "a > 0"), (" Unit Price >= 1.5 ", "Unit Price >= 1.5"), ("c != x=y", "c != x=y"), ("c=UK", "c = UK")])
    func predicate(text: String, canonical: String) throws {
        let predicate = try RowPredicate(parsing: text)
        #expect(predicate.description == canonical)
        #expect(try RowPredicate(parsing: predicate.description) == predicate)
    }

    @Test("what is no condition is refused", arguments: ["", "a", "> 0", "a >", "a > b", "a < UK"])
    func noPredicate(text: String) { #expect(throws: ImportError.self) { try RowPredicate(parsing: text) } }

    @Test("events written as CSV read back the same")
    func roundTrip() throws {
        let table = InteractionTable([
            Interaction(user: " a,\"b\"", item: "x\ny", time: -5, rating: 0.1, silo: "one"), Interaction(user: "é", item: "\t", time: nil, rating: nil, silo: nil),
            Interaction(user: "c", item: "x\r", time: 1 << 50, rating: -3e-7, silo: "two"),
        ])
        let columns = ColumnChoice(silo: "silo", timeFormat: .milliseconds)
        #expect(try read(table.encodedCSV(), columns: columns, chunk: 5).table == table)
    }
}
