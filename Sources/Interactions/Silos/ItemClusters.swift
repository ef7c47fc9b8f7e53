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
        let dimension = 32
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
        var centres = startingCentres(vectors, dimension: dimension, count: count, first: stream.below(table.items.count))
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

    /// One item's vector, then again and again that of the item least like all chosen before (Gonzalez 1985): centres that start
    /// in one group rarely part again.
    private static func startingCentres(_ vectors: [Double], dimension: Int, count: Int, first: Int) -> [Double] {
        var centres: [Double] = []
        var likeness = Array(repeating: -Double.infinity, count: vectors.count / dimension)
        var next = first
        for _ in 0..<count {
            let centre = Array(vectors[next * dimension..<(next + 1) * dimension])
            centres.append(contentsOf: centre)
            for item in likeness.indices {
                var product = 0.0
                for k in 0..<dimension { product += vectors[item * dimension + k] * centre[k] }
                likeness[item] = max(likeness[item], product)
            }
            next = likeness.indices.min { likeness[$0] < likeness[$1] } ?? 0
        }
        return centres
    }

    private static func normalize(_ vectors: inout [Double], _ range: Range<Int>) {
        let length = vectors[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return }
        for index in range { vectors[index] /= length }
    }
}
