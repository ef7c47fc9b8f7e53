/// The graph of one round over the nodes that gave keys. Nobody chooses neighbours: the order of the ring comes from a digest over all
/// commitments.
package struct NeighbourGraph: Sendable {
    /// Ascending.
    package let members: [MemberID]
    private let choice: GraphChoice
    private let threshold: Int
    /// Ring order, and each member's place in it; empty for the complete graph.
    private let ring: [MemberID]
    private let places: [MemberID: Int]

    /// - Parameters:
    ///   - threshold: t of the configuration.
    ///   - seed: H(context ‖ all commitments).
    package init(members: [MemberID], choice: GraphChoice, threshold: Int, seed: Hash256) throws {
        self.members = members
        self.choice = choice
        self.threshold = threshold
        guard case .ring(let reach, _, _) = choice else {
            (ring, places) = ([], [:])
            return
        }
        guard members.count > 2 * reach else {
            throw SecureAggregationError(.invalidParameter, "\(members.count) nodes are too few for \(2 * reach) neighbours each")
        }
        ring = try Self.shuffled(members, seed: seed)
        places = Dictionary(uniqueKeysWithValues: ring.enumerated().map { ($1, $0) })
    }

    /// How many shares rebuild a secret.
    package var shareThreshold: Int {
        guard case .ring(_, _, let shareThreshold) = choice else { return threshold }
        return shareThreshold
    }

    /// The node and its neighbours, ascending. A holder's point of the node's secrets is its place here, counted from 1.
    package func holders(of member: MemberID) -> [MemberID] {
        guard case .ring(let reach, _, _) = choice else { return members }
        guard let place = places[member] else { return [] }
        return (-reach...reach).map { ring[(place + $0 + ring.count) % ring.count] }.sorted()
    }
    /// Without the node itself.
    package func neighbours(of member: MemberID) -> [MemberID] { holders(of: member).filter { $0 != member } }

    /// The first t − 1 neighbours derive their shares of the member's secrets from the key they have in common with it.
    package func derivingNeighbours(of member: MemberID) -> ArraySlice<MemberID> { neighbours(of: member).prefix(shareThreshold - 1) }
    /// The others get theirs sealed.
    package func sealedNeighbours(of member: MemberID) -> ArraySlice<MemberID> { neighbours(of: member).dropFirst(shareThreshold - 1) }

    /// The point at which `holder` holds the shares of `owner`; `nil` for strangers.
    package func point(of holder: MemberID, for owner: MemberID) -> UInt8? { holders(of: owner).firstIndex(of: holder).map { UInt8($0 + 1) } }

    /// Whether these survivors hold together: on a ring, whether every run of `reach` nodes has enough of them.
    package func holdsTogether(_ survivors: [MemberID]) -> Bool {
        guard case .ring(let reach, let windowSurvivors, _) = choice else { return true }
        let alive = Set(survivors)
        let present = ring.map { alive.contains($0) ? 1 : 0 }
        var count = present[..<reach].reduce(0, +)
        for start in ring.indices {
            if count < windowSurvivors { return false }
            count += present[(start + reach) % ring.count] - present[start]
        }
        return true
    }

    /// Fisher–Yates with 64-bit words of the seed's keystream; the bias of a word's remainder is below 2⁻⁴⁰ for any roster.
    private static func shuffled(_ members: [MemberID], seed: Hash256) throws -> [MemberID] {
        let stream = try MaskStream(key: seed.bytes.withUnsafeBytes { SecretBytes($0) })
        var words = [UInt64](repeating: 0, count: members.count)
        try words.withUnsafeMutableBytes { try stream.fill($0) }
        var order = members
        for index in order.indices.dropFirst().reversed() {
            order.swapAt(index, Int(UInt64(littleEndian: words[index]) % UInt64(index + 1)))
        }
        return order
    }
}
