internal import EdgeRuntime
public import Federation
internal import Foundation
internal import GRDB
public import Interactions

extension SQLiteNodeStorage {
    public func setNewItems(_ list: Catalog) async throws {
        let bytes = list.encoded()
        let digest = Digest(of: bytes)
        try await write { database in
            try database.execute(sql: "DELETE FROM newItems")
            if list.count == 0 { return }
            try database.execute(sql: "INSERT INTO newItems VALUES (1, ?, ?)", arguments: [digest.data, Data(bytes)])
        }
    }

    public func newItems() async throws -> Catalog? {
        let bytes = try await read { database in try Data.fetchOne(database, sql: "SELECT catalog FROM newItems") }
        do { return try bytes.map { try Catalog(csv: Array($0), fileName: "the node's list of new items") } } catch let error as ImportError {
            throw StorageError(.corrupted, "The stored list of new items is damaged (\(error)); import it again with `edge-node items import`.", cause: error)
        }
    }

    public func newItemsDigest() async throws -> Digest? {
        try await read { database in try Data.fetchOne(database, sql: "SELECT digest FROM newItems").map { try Digest(stored: $0) } }
    }

    public func histories(meeting items: [String], limit: Int) async throws -> [[String]] {
        try await read { database in
            let find = try database.cachedStatement(sql: "SELECT DISTINCT event.user FROM item JOIN event ON event.item = item.id WHERE item.name = ?")
            var met: Set<Int64> = []
            for item in Set(items) { met.formUnion(try Int64.fetchAll(find, arguments: [item])) }
            let read = try database.cachedStatement(
                sql: "SELECT item.name FROM event JOIN item ON item.id = event.item WHERE event.user = ? ORDER BY event.time, event.id")
            return try met.sorted().suffix(limit).map { try String.fetchAll(read, arguments: [$0]) }
        }
    }
}
