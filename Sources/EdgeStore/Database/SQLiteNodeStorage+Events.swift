public import EdgeRuntime
internal import Federation
internal import GRDB
public import Interactions

extension SQLiteNodeStorage {
    public func record(_ events: [NodeEvent]) async throws -> RecordedEvents {
        let hashing = hashing
        return try await write { database in
            try EventWriter(database, hashing).write(events, skippingRepeated: true)
        }
    }

    public func importEvents(_ events: [NodeEvent], from source: ImportSource) async throws -> RecordedEvents {
        let hashing = hashing
        return try await write { database in
            if let earlier = try String.fetchOne(database, sql: "SELECT name FROM importedFile WHERE digest = ?", arguments: [source.digest.data]) {
                throw StorageError(.alreadyImported, "\(source.fileName) was imported before (as \(earlier)) with the same options; its events are in the store already.")
            }
            try database.execute(
                sql: "INSERT INTO importedFile VALUES (?, ?, ?)", arguments: [source.digest.data, source.fileName, events.count])
            return try EventWriter(database, hashing).write(events, skippingRepeated: false)
        }
    }

    public func history(of user: String) async throws -> [String]? {
        let hash = hashing.hash(user)
        return try await read { database in
            guard let id = try Int64.fetchOne(database, sql: "SELECT id FROM user WHERE hash = ?", arguments: [hash.data]) else { return nil }
            return try String.fetchAll(
                database, sql: "SELECT item.name FROM event JOIN item ON item.id = event.item WHERE event.user = ? ORDER BY event.time, event.id",
                arguments: [id])
        }
    }

    public func eventStatistics() async throws -> EventStatistics {
        try await read { database in
            EventStatistics(
                users: try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM user") ?? 0,
                items: try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM item") ?? 0,
                events: try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM event") ?? 0,
                version: try Self.version(database))
        }
    }

    public func interactions(with catalog: Catalog) async throws -> NodeInteractions {
        try await read { database in
            var index: [Int64: Int32] = [:]
            var unknownItems = 0
            for row in try Row.fetchAll(database, sql: "SELECT id, name FROM item") {
                if let position = catalog.index(of: row[1]) { index[row[0]] = position } else { unknownItems += 1 }
            }
            let users = try Int64.fetchAll(database, sql: "SELECT id FROM user ORDER BY id")
            var items: [Int32] = []
            var offsets = [0]
            offsets.reserveCapacity(users.count + 1)
            var unknownEvents = 0
            var next = 0
            let events = try Row.fetchCursor(database, sql: "SELECT user, item FROM event ORDER BY user, time, id")
            while let event = try events.next() {
                let user: Int64 = event[0]
                while users[next] != user {
                    next += 1
                    offsets.append(items.count)
                }
                if let item = index[event[1]] { items.append(item) } else { unknownEvents += 1 }
            }
            while offsets.count <= users.count { offsets.append(items.count) }
            return NodeInteractions(
                sequences: UserSequences(items: items, offsets: offsets), unknownEvents: unknownEvents, unknownItems: unknownItems,
                version: try Self.version(database))
        }
    }

    private static func version(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT value FROM eventVersion") ?? 0
    }
}

extension SQLiteNodeStorage {
    /// Erased rows are overwritten as they go (`secure_delete`); rebuilding the file and emptying the journal afterwards removes
    /// what older versions of the pages held.
    public func forget(user: String) async throws -> ForgottenUser? {
        let hash = hashing.hash(user)
        let forgotten = try await write { database -> ForgottenUser? in
            guard let id = try Int64.fetchOne(database, sql: "SELECT id FROM user WHERE hash = ?", arguments: [hash.data]) else { return nil }
            try database.execute(sql: "DELETE FROM event WHERE user = ?", arguments: [id])
            let events = database.changesCount
            try database.execute(sql: "DELETE FROM user WHERE id = ?", arguments: [id])
            // The name of an item that only this person met may itself be about the person.
            try database.execute(sql: "DELETE FROM item WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.item = item.id)")
            try database.execute(sql: "UPDATE eventVersion SET value = value + 1")
            return ForgottenUser(events: events)
        }
        guard forgotten != nil else { return nil }
        try await translatingErrors {
            try await database.vacuum()
            try await database.writeWithoutTransaction { database in _ = try database.checkpoint(.truncate) }
        }
        return forgotten
    }
}

/// Appends events inside a transaction, remembering the numbers of users and items it met.
private struct EventWriter {
    private let database: Database
    private let hashing: UserHashing
    private var users: [String: Int64] = [:]
    private var items: [String: Int64] = [:]

    init(_ database: Database, _ hashing: UserHashing) {
        self.database = database
        self.hashing = hashing
    }

    consuming func write(_ events: [NodeEvent], skippingRepeated: Bool) throws -> RecordedEvents {
        let insert = try database.cachedStatement(sql: "INSERT INTO event (user, item, time) VALUES (?, ?, ?)")
        let find = try database.cachedStatement(sql: "SELECT 1 FROM event WHERE user = ? AND time = ? AND item = ?")
        var outcome = RecordedEvents(events: 0, newUsers: 0, repeated: 0)
        for event in events {
            let (user, isNew) = try user(event.user)
            if isNew { outcome.newUsers += 1 }
            let item = try item(event.item)
            if skippingRepeated, let time = event.time, try Int.fetchOne(find, arguments: [user, time, item]) != nil {
                outcome.repeated += 1
                continue
            }
            try insert.execute(arguments: [user, item, event.time])
            outcome.events += 1
        }
        try database.execute(sql: "UPDATE eventVersion SET value = value + 1")
        return outcome
    }

    private mutating func user(_ name: String) throws -> (id: Int64, isNew: Bool) {
        if let known = users[name] { return (known, false) }
        let hash = hashing.hash(name).data
        let stored = try Int64.fetchOne(database, sql: "SELECT id FROM user WHERE hash = ?", arguments: [hash])
        let id: Int64
        if let stored { id = stored } else {
            try database.execute(sql: "INSERT INTO user (hash) VALUES (?)", arguments: [hash])
            id = database.lastInsertedRowID
        }
        users[name] = id
        return (id, stored == nil)
    }

    private mutating func item(_ name: String) throws -> Int64 {
        if let known = items[name] { return known }
        let stored = try Int64.fetchOne(database, sql: "SELECT id FROM item WHERE name = ?", arguments: [name])
        let id: Int64
        if let stored { id = stored } else {
            try database.execute(sql: "INSERT INTO item (name) VALUES (?)", arguments: [name])
            id = database.lastInsertedRowID
        }
        items[name] = id
        return id
    }
}
