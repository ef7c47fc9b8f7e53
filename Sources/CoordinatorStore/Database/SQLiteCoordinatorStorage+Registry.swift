public import CoordinatorCore
public import Federation
internal import GRDB

extension SQLiteCoordinatorStorage {
    public func add(_ token: EnrolmentToken) async throws {
        try await write { database in
            try Self.requireNotRevoked(token.node, database)
            guard try Bool.fetchOne(database, sql: "SELECT TRUE FROM tokens WHERE hash = ?", arguments: [token.hash.hex]) != true else {
                throw FederationError(.failedPrecondition, "this token exists already: make another")
            }
            try database.execute(
                sql: "INSERT INTO tokens (hash, node, created_at, expires_at) VALUES (?, ?, ?, ?)",
                arguments: [token.hash.hex, token.node.name, token.createdAt.milliseconds, token.expiresAt.milliseconds])
        }
    }

    public func tokens() async throws -> [EnrolmentToken] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM tokens ORDER BY created_at DESC, hash").map { row in
                EnrolmentToken(
                    hash: try row.digest("hash"), node: try row.node(), createdAt: row.time("created_at"), expiresAt: row.time("expires_at"),
                    usedAt: row.optionalTime("used_at"))
            }
        }
    }

    public func revokeToken(_ hash: Digest) async throws -> Bool {
        try await write { database in
            try database.execute(sql: "DELETE FROM tokens WHERE hash = ? AND used_at IS NULL", arguments: [hash.hex])
            return database.changesCount == 1
        }
    }

    public func consumeToken(_ hash: Digest, for key: Digest, at time: WallTime) async throws -> TokenDecision {
        try await write { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM tokens WHERE hash = ?", arguments: [hash.hex]) else { return .unknown }
            let usedBy = try row.optionalDigest("used_key")
            if let usedBy, usedBy != key { return .used }
            guard time < row.time("expires_at") else { return .expired }
            if usedBy == nil {
                try database.execute(sql: "UPDATE tokens SET used_at = ?, used_key = ? WHERE hash = ?", arguments: [time.milliseconds, key.hex, hash.hex])
            }
            return .accepted(try row.node())
        }
    }

    public func enrol(_ node: NodeID, certificateSerial: String, at time: WallTime) async throws {
        try await write { database in
            try Self.requireNotRevoked(node, database)
            try database.execute(
                sql: "INSERT INTO certificates (serial, node, enrolled_at) VALUES (?, ?, ?)", arguments: [certificateSerial, node.name, time.milliseconds])
        }
    }

    public func enrolledNodes() async throws -> [EnrolledNode] {
        try await read { database in
            let sql = "SELECT c.*, r.revoked_at FROM certificates c LEFT JOIN revocations r ON r.node = c.node ORDER BY c.node, c.enrolled_at, c.serial"
            return try Row.fetchAll(database, sql: sql).map { row in
                EnrolledNode(
                    node: try row.node(), certificateSerial: row["serial"], enrolledAt: row.time("enrolled_at"), revokedAt: row.optionalTime("revoked_at"))
            }
        }
    }

    public func revoke(_ node: NodeID, at time: WallTime) async throws {
        try await write { database in
            guard try Bool.fetchOne(database, sql: "SELECT TRUE FROM certificates WHERE node = ?", arguments: [node.name]) ?? false else {
                throw FederationError(.notFound, "no node \(node) enrolled: see `coordinator nodes list`; an unused token is revoked by `coordinator token revoke`")
            }
            try database.execute(sql: "INSERT INTO revocations (node, revoked_at) VALUES (?, ?) ON CONFLICT DO NOTHING", arguments: [node.name, time.milliseconds])
            try database.execute(sql: "DELETE FROM tokens WHERE node = ? AND used_at IS NULL", arguments: [node.name])
        }
    }

    public func isRevoked(_ node: NodeID, certificateSerial: String) async throws -> Bool {
        try await read { database in
            let sql = "SELECT TRUE FROM revocations WHERE node = ?1 OR node IN (SELECT node FROM certificates WHERE serial = ?2)"
            return try Bool.fetchOne(database, sql: sql, arguments: [node.name, certificateSerial]) ?? false
        }
    }

    public func revokedSerials() async throws -> Set<String> {
        try await read { database in
            try String.fetchSet(database, sql: "SELECT c.serial FROM certificates c JOIN revocations r ON r.node = c.node")
        }
    }

    private static func requireNotRevoked(_ node: NodeID, _ database: Database) throws {
        guard try Bool.fetchOne(database, sql: "SELECT TRUE FROM revocations WHERE node = ?", arguments: [node.name]) != true else {
            throw FederationError(.rejected, "node \(node) was revoked: its name cannot be enrolled again, choose another")
        }
    }
}
