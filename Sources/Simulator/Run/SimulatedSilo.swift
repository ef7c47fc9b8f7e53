public import EdgeRuntime
public import Federation
public import Interactions

/// One node's share of a simulation's data.
public struct SimulatedSilo: Sendable {
    public var node: NodeID
    /// In the order in which they would be imported; each user's own order is by time, then as given.
    public var events: [NodeEvent]

    public init(node: NodeID, events: [NodeEvent]) {
        self.node = node
        self.events = events
    }

    /// The silo as a node of the same name; what a node may not be called in is replaced by hyphens.
    public init(_ silo: Silo) {
        node = NodeID(naming: silo.name)
        events = (0..<silo.table.count).map { row in
            let event = silo.table[row]
            return NodeEvent(user: event.user, item: event.item, time: event.time)
        }
    }
}

extension SiloAssignment {
    /// Every silo as a node.
    public var simulated: [SimulatedSilo] { silos.map { SimulatedSilo($0) } }
}

extension NodeID {
    /// The node name nearest to a text: `United Kingdom` is `united-kingdom`.
    public init(naming text: String) {
        let bytes = text.lowercased().utf8.map { byte -> UInt8 in
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            return isLetter || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? byte : UInt8(ascii: "-")
        }
        let name = String(decoding: bytes.prefix(63).drop { $0 == UInt8(ascii: "-") }, as: UTF8.self)
        self = NodeID(name.isEmpty ? "silo" : name) ?? Self.unnamed
    }

    private static var unnamed: NodeID {
        guard let node = NodeID("silo") else { preconditionFailure("a valid name") }
        return node
    }
}

extension CatalogReference {
    /// Names the catalog as plans do.
    public init(_ catalog: Catalog) { self.init(digest: Digest(of: catalog.encoded()), itemCount: catalog.count) }
}

extension Catalog {
    /// Every item of the table, under its own id and without titles: for simulations of data that come without a catalog. A real
    /// federation's catalog is its operator's and never made from what users did.
    public init(itemsOf table: InteractionTable) throws { try self.init(items: table.items.identifiers.map { CatalogItem(id: $0) }) }
}
