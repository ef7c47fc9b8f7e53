internal import SeededRandom

/// What is publicly known of the items besides their identity: the categories of the catalog.
///
/// A model that starts from it knows before the first event that items of a category are alike. It costs no privacy, because the
/// catalog is the operator's public list, and it is what lets a few noisy rounds learn order at all.
public struct ItemContent: Sendable, Hashable {
    /// Categories of each item, row = index in the catalog; an item may have none.
    public var categories: [[String]]
    public init(categories: [[String]]) { self.categories = categories }

    /// Whether any item has a category.
    public var isEmpty: Bool { categories.allSatisfy(\.isEmpty) }
}

extension ItemContent {
    /// Share of the variance of an initial vector that its categories make up; the rest is the item's own.
    static let share: Float = 0.9
    /// Standard deviation of a coordinate in units of the one without content. Vectors that mean something may be long: the first
    /// hidden states then carry the categories of the history, instead of being nearly zero.
    static let gain: Float = 4

    /// Moves the rows of a table of item vectors, V × width, toward the sum of their categories' vectors. Rows without a category
    /// stay. Uses + × ÷ √ only, so every machine gets the same bits.
    /// - Parameters:
    ///   - deviation: standard deviation of the coordinates as they are.
    ///   - stream: names the vectors of the categories.
    func shape(_ table: inout ArraySlice<Float>, width: Int, deviation: Float, stream: RandomStream) {
        precondition(table.count == categories.count * width, "content is given for every item")
        var vectors: [String: [Float]] = [:]
        for (row, names) in categories.enumerated() where !names.isEmpty {
            let scale = Self.gain * deviation * (3 * Self.share / Float(names.count)).squareRoot()
            let own = Self.gain * (1 - Self.share).squareRoot()
            let start = table.startIndex + row * width
            for column in start..<start + width { table[column] *= own }
            for name in names {
                if vectors[name] == nil {
                    var numbers = stream.child(name)
                    vectors[name] = (0..<width).map { _ in 2 * numbers.uniformFloat() - 1 }
                }
                guard let vector = vectors[name] else { continue }
                for column in 0..<width { table[start + column] += scale * vector[column] }
            }
        }
    }
}
