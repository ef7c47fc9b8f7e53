internal import Tensors

/// The statistic of models that need only which items are met together: a user's part w x xᵀ of the Gram matrix, where x is 1 for
/// items of the user and 0 for others, as the upper triangle row by row, V(V+1)/2 values. Order and repeats do not matter.
struct GramStatistic: Sendable {
    /// The largest V: 20,000 items make 200 million values, 0.8 GB a copy and minutes of solving.
    static let itemLimit = 20_000
    static let tensorName = "gram"

    let itemCount: Int
    let userWeight: UserWeight
    let layout: ParameterLayout

    /// - Throws: `ModelError` when the catalog is too large for a matrix of all pairs.
    init(itemCount: Int, userWeight: UserWeight) throws {
        guard itemCount <= Self.itemLimit else {
            throw ModelError(
                "a model of all pairs of items takes at most \(Self.itemLimit) items, and this catalog has \(itemCount); "
                    + "leave out rare items or choose a model with item vectors, such as bpr-mf")
        }
        self.itemCount = itemCount
        self.userWeight = userWeight
        layout = ParameterLayout([(Self.tensorName, [itemCount * (itemCount + 1) / 2])])
    }

    /// Place of the diagonal of a row; the columns to the right of it follow.
    func diagonal(_ row: Int) -> Int { row * itemCount - row * (row - 1) / 2 }

    func accumulate(_ events: ArraySlice<Int32>, into sum: inout GradientBuffer) {
        let items = distinctItems(events)
        let weight = userWeight.value(items.count)
        var places: [Int32] = []
        places.reserveCapacity(items.count * (items.count + 1) / 2)
        for (position, row) in items.enumerated() {
            let start = diagonal(Int(row)) - Int(row)
            for column in items[position...] { places.append(Int32(start + Int(column))) }
        }
        places.withUnsafeBufferPointer { sum.touch(0, rows: $0) }
        sum.values.withUnsafeMutableBufferPointer { values in
            for place in places { values[Int(place)] += weight }
        }
    }

    /// The whole symmetric matrix, V × V.
    func matrix(_ parameters: [Float]) -> [Float] {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let V = itemCount
        return [Float](unsafeUninitializedCapacity: V * V) { out, initialized in
            parameters.withUnsafeBufferPointer { triangle in
                let tile = 32
                for top in stride(from: 0, to: V, by: tile) {
                    for left in stride(from: top, to: V, by: tile) {
                        for row in top..<min(top + tile, V) {
                            let start = diagonal(row) - row
                            for column in max(left, row)..<max(min(left + tile, V), max(left, row)) {
                                let value = triangle[start + column]
                                out[row * V + column] = value
                                out[column * V + row] = value
                            }
                        }
                    }
                }
            }
            initialized = V * V
        }
    }

    /// The diagonal, V values: how many users met each item, weighted. Noise may have made values negative; these count as 0.
    func occurrences(_ parameters: [Float]) -> [Float] {
        (0..<itemCount).map { max(0, parameters[diagonal($0)]) }
    }

    /// The unit that makes constants independent of the number of users and of their weights: the mean of the diagonal.
    func meanOccurrence(_ parameters: [Float]) -> Float {
        occurrences(parameters).reduce(0, +) / Float(itemCount)
    }
}

/// The items of the events, each once, ascending.
func distinctItems(_ events: ArraySlice<Int32>) -> [Int32] {
    var items = events.sorted()
    var count = 0
    for item in items where count == 0 || items[count - 1] != item {
        items[count] = item
        count += 1
    }
    items.removeLast(items.count - count)
    return items
}
