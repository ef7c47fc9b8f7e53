/// One silo's share of the data.
public struct Silo: Sendable {
    public let name: String
    public let table: InteractionTable

    public init(name: String, table: InteractionTable) {
        self.name = name
        self.table = table
    }
}

/// Data divided into silos, and what a person should know about the division.
public struct SiloAssignment: Sendable {
    /// In order of their names.
    public let silos: [Silo]
    /// Users with events in more than one silo, in order of first appearance: each breaks "one user, one node", and is
    /// protected by each silo on its own only.
    public let usersInSeveralSilos: [String]
    /// Silos left out because they have too few users, and how many users each has.
    public let leftOut: [LeftOut]
    /// Events that name no silo.
    public let unassignedEventCount: Int

    public struct LeftOut: Sendable, Hashable {
        public let name: String
        public let userCount: Int
    }

    /// Divides by the column that the events carry.
    /// - Parameter minimumUsers: silos with fewer users are left out.
    /// - Throws: ``ImportError`` when no event names a silo.
    public static func byColumn(_ table: InteractionTable, minimumUsers: Int = 1) throws -> SiloAssignment {
        guard table.hasSilos else {
            throw ImportError(.invalidOption, at: .init(fileName: "silos"), "no event names a silo; name the column that does when the file is read")
        }
        var rows = Array(repeating: [Int](), count: table.silos.count)
        var firstSilo = Array(repeating: Int32(-1), count: table.users.count)
        var isInSeveral = Array(repeating: false, count: table.users.count)
        for row in 0..<table.count where table.silo[row] >= 0 {
            rows[Int(table.silo[row])].append(row)
            let user = Int(table.user[row])
            if firstSilo[user] < 0 { firstSilo[user] = table.silo[row] } else if firstSilo[user] != table.silo[row] { isInSeveral[user] = true }
        }
        let silos = rows.indices.map { Silo(name: table.silos[$0], table: table.selecting(rows[$0])) }.sorted { $0.name < $1.name }
        return SiloAssignment(
            silos: silos.filter { $0.table.users.count >= minimumUsers },
            usersInSeveralSilos: isInSeveral.indices.filter { isInSeveral[$0] }.map { table.users[$0] },
            leftOut: silos.filter { $0.table.users.count < minimumUsers }.map { LeftOut(name: $0.name, userCount: $0.table.users.count) },
            unassignedEventCount: table.silo.count { $0 < 0 })
    }

    /// Divides users as `silo` says, into silos named `silo-1`, `silo-2` … with zeros in front where needed.
    static func byUser(_ table: InteractionTable, count: Int, silo: [Int]) -> SiloAssignment {
        var rows = Array(repeating: [Int](), count: count)
        for row in 0..<table.count { rows[silo[Int(table.user[row])]].append(row) }
        let width = String(count).count
        let silos = rows.indices.map { index in
            let number = String(index + 1)
            return Silo(name: "silo-" + String(repeating: "0", count: width - number.count) + number, table: table.selecting(rows[index]))
        }
        return SiloAssignment(silos: silos, usersInSeveralSilos: [], leftOut: [], unassignedEventCount: 0)
    }
}
