internal import Crypto
public import SeededRandom

extension SiloAssignment {
    /// Divides users evenly by a hash of their ids: the same user always lands in the same silo, whatever the file.
    /// - Parameter count: how many silos; at least 1.
    public static func byHash(_ table: InteractionTable, count: Int, seed: UInt64) -> SiloAssignment {
        precondition(count >= 1, "there must be at least one silo")
        let silo = table.users.identifiers.map { id -> Int in
            let digest = SHA256.hash(data: Array("tributary.silo \(seed) \(id)".utf8))
            return Int(digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % UInt64(count))
        }
        return byUser(table, count: count, silo: silo)
    }

    /// Divides users so that silos differ in taste: for each cluster of items, shares of the silos are drawn from Dirichlet(α, …, α),
    /// and a user whose events lie mostly in that cluster goes to a silo by those shares (after Hsu, Qi and Brown 2019).
    /// - Parameters:
    ///   - count: how many silos; at least 1.
    ///   - alpha: above 0; 0.1 gives silos that hardly overlap, 100 silos that hardly differ.
    ///   - clusters: the cluster of each item of the table, from 0; see ``ItemClusters``.
    public static func byDirichlet(
        _ table: InteractionTable, count: Int, alpha: Double, clusters: [Int], stream: RandomStream
    ) -> SiloAssignment {
        precondition(count >= 1 && alpha > 0, "there must be at least one silo, and alpha must be above 0")
        precondition(clusters.count == table.items.count, "every item of the table needs a cluster")
        let clusterCount = (clusters.max() ?? 0) + 1
        var shareStream = stream.child("shares")
        let shares = (0..<clusterCount).map { _ in shareStream.dirichlet(alpha: alpha, count: count) }
        // A user's cluster is the one met most beyond what all users meet of it.
        var met = Array(repeating: 0.0, count: table.users.count * clusterCount)
        var overall = Array(repeating: 0.0, count: clusterCount)
        for row in 0..<table.count {
            let cluster = clusters[Int(table.item[row])]
            met[Int(table.user[row]) * clusterCount + cluster] += 1
            overall[cluster] += 1
        }
        let userStream = stream.child("users")
        let silo = (0..<table.users.count).map { user -> Int in
            let own = met[user * clusterCount..<(user + 1) * clusterCount]
            let lifts = zip(own, overall).map { $1 > 0 ? $0 / $1 : 0 }
            let cluster = lifts.indices.max { lifts[$0] < lifts[$1] } ?? 0
            var stream = userStream.child(user)
            return stream.index(weights: shares[cluster])
        }
        return byUser(table, count: count, silo: silo)
    }

    /// Every user in a silo of their own, in order of first appearance: what federations of phones are like.
    public static func oneUserEach(_ table: InteractionTable) -> SiloAssignment {
        byUser(table, count: table.users.count, silo: Array(0..<table.users.count))
    }
}
