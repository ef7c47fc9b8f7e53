public import SeededRandom

/// Groups of items, to make silos that differ in what their users like.
public enum ItemClusters {
    /// By the first category of each item of the table; items without one, or not in the catalog, form a group of their own.
    public static func byCategory(_ table: InteractionTable, catalog: Catalog) -> [Int] {
        var names = IdentifierTable()
        return table.items.identifiers.map { id in
            let category = catalog.index(of: id).flatMap { catalog.items[Int($0)].categories.first } ?? ""
            return Int(names.intern(category))
        }
    }

    /// By who meets them: each item gets the sum of random vectors of its users (a random projection of the item-user matrix),
    /// of unit length, and the items are divided by spherical k-means.
    /// - Parameter count: how many groups at most; at least 1.
    public static func byCooccurrence(_ table: InteractionTable, count: Int, stream: RandomStream) -> [Int] {
        precondition(count >= 1, "there must be at least one cluster")
        let dimension = 16
        var stream = stream
        let userVectors = (0..<table.users.count * dimension).map { _ in stream.normal() }
        var vectors = Array(repeating: 0.0, count: table.items.count * dimension)
        for row in 0..<table.count {
            let user = Int(table.user[row]) * dimension
            let item = Int(table.item[row]) * dimension
            for k in 0..<dimension { vectors[item + k] += userVectors[user + k] }
        }
        for item in 0..<table.items.count { normalize(&vectors, item * dimension..<(item + 1) * dimension) }
        guard table.items.count > count else { return Array(0..<table.items.count) }
        var first = Array(0..<table.items.count)
        stream.shuffle(&first)
        var centres = first.prefix(count).flatMap { vectors[$0 * dimension..<($0 + 1) * dimension] }
        var cluster = Array(repeating: 0, count: table.items.count)
        for _ in 0..<12 {
            for item in cluster.indices {
                var best = -Double.infinity
                for candidate in 0..<count {
                    var product = 0.0
                    for k in 0..<dimension { product += vectors[item * dimension + k] * centres[candidate * dimension + k] }
                    if product > best { (best, cluster[item]) = (product, candidate) }
                }
            }
            centres = Array(repeating: 0, count: count * dimension)
            for item in cluster.indices {
                for k in 0..<dimension { centres[cluster[item] * dimension + k] += vectors[item * dimension + k] }
            }
            for centre in 0..<count { normalize(&centres, centre * dimension..<(centre + 1) * dimension) }
        }
        return cluster
    }

    private static func normalize(_ vectors: inout [Double], _ range: Range<Int>) {
        let length = vectors[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return }
        for index in range { vectors[index] /= length }
    }
}
