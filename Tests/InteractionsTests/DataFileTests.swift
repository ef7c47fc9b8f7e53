import DataFiles
import Foundation
import Interactions
import TestSupport
import Testing

@Suite("Data files")
struct DataFileTests {
    static let lines = (0..<40_000).map { "\($0 % 977)\titem-\($0 % 3001)\n" }.joined()
    /// `printf 'u a\nu b\n' | gzip -n`
    static let packed: [UInt8] = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x2b, 0x55, 0x48, 0xe4, 0x2a, 0x55, 0x48, 0xe2, 2, 0, 0x2a, 0x4b, 0x85, 0x14, 8, 0, 0, 0,
    ]

    func write(_ bytes: [UInt8], _ directory: URL, _ name: String = "events.txt") throws -> DataFile {
        let url = directory.appending(path: name)
        try Data(bytes).write(to: url)
        return DataFile(path: url.plainPath)
    }

    @Test("a file of more than one chunk is read whole, with the digest of its bytes")
    func plain() throws {
        try withTemporaryDirectory { directory in
            let file = try write(Array(Self.lines.utf8), directory)
            let imported = try file.interactions(format: .pairs)
            #expect(imported.table.count == 40_000 && imported.table.users.count == 977 && imported.table.items.count == 3001)
            let contents = try file.contents()
            #expect(contents == Array(Self.lines.utf8))
            let digest = try write(Array("abc".utf8), directory).read { _ in }
            #expect(digest.prefix(4) == [0xba, 0x78, 0x16, 0xbf])
            #expect(throws: ImportError.self) { try file.contents(limit: 2) }
        }
    }

    @Test("gzip is unpacked, two members one after the other too")
    func gzip() throws {
        try withTemporaryDirectory { directory in
            let one = try write(Self.packed, directory).interactions().table
            #expect(one.events == [Interaction(user: "u", item: "a"), Interaction(user: "u", item: "b")])
            let two = try write(Self.packed + Self.packed, directory).interactions().table
            #expect(two.count == 4)
        }
    }

    @Test("a damaged or shortened gzip file is refused", arguments: [11, 20, 27])
    func damaged(_ position: Int) throws {
        try withTemporaryDirectory { directory in
            let short = #expect(throws: ImportError.self) { try write(Array(Self.packed.prefix(position)), directory).interactions(format: .pairs) }
            #expect(short?.message.contains("too early") == true)
            var flipped = Self.packed
            flipped[position] ^= 0xFF
            let broken = #expect(throws: ImportError.self) { try write(flipped, directory).interactions(format: .pairs) }
            #expect(broken?.code == .unreadable)
        }
    }

    @Test("xz is refused with the command that helps, a file that is not there with its path")
    func refused() throws {
        try withTemporaryDirectory { directory in
            let xz = #expect(throws: ImportError.self) { try write([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 1], directory, "a.csv.xz").interactions() }
            #expect(xz?.message.contains("xz -d a.csv.xz") == true)
            let missing = #expect(throws: ImportError.self) { try DataFile(path: directory.appending(path: "none").plainPath).interactions() }
            #expect(missing?.code == .unreadable && missing?.description.contains("none") == true)
            #expect(throws: ImportError.self) { try DataFile(path: directory.plainPath).interactions() }
        }
    }

    @Test("a catalog is read from a file")
    func catalog() throws {
        try withTemporaryDirectory { directory in
            let catalog = try write(Array("item_id,title\na,A\n".utf8), directory).catalog()
            #expect(catalog.items == [CatalogItem(id: "a", title: "A")])
        }
    }
}
