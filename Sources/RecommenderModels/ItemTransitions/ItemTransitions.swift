public import Tensors

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// Transitions between items within a window of events, in a form made for noise.
///
/// A user's statistic holds l^−p for every pair of different items l ≤ w events apart, scaled so that the pairs have L2 norm √0.95,
/// and, on the diagonal, √(0.05/n) for each of the user's n items: the L2 norm of a statistic is at most 1 whatever the events,
/// so that a clip of 1 changes nothing and noise of σ is all that a release adds. Wider windows and joined directions put more signal into each cell at
/// the same norm, which is what lifts cells above noise.
///
/// Scores are post-processing: cells below τ standard deviations of the noise are dropped, and
///
///     score(j) = Σ_{k < m} g^k A[i_k, j] / (Σ_j A[i_k, j])^a  +  ϵ popularity(j)
///
/// over the m most recent events i_0, i_1, …, with ϵ so small that popularity only orders what is equal. The noise's
/// standard deviation is measured as the median of |cell| divided by 0.6745: in any catalog most pairs of items were never met.
public struct ItemTransitions: StatisticRecommender {
    public let configuration: ItemTransitionsConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout

    /// Part of a user's squared norm for which items there are at all: popularity is much easier to see through noise.
    static let popularityShare: Float = 0.05
    private static let tensorName = "transitions"

    /// - Throws: `ModelError` when the catalog is too large for a matrix of all pairs.
    init(_ configuration: ItemTransitionsConfiguration, itemCount: Int) throws {
        guard itemCount <= GramStatistic.itemLimit else {
            throw ModelError(
                "a model of all pairs of items takes at most \(GramStatistic.itemLimit) items, and this catalog has \(itemCount); "
                    + "leave out rare items or choose a model with item vectors, such as gru4rec")
        }
        self.configuration = configuration
        self.itemCount = itemCount
        let cells = configuration.direction == .both ? itemCount * (itemCount + 1) / 2 : itemCount * itemCount
        layout = ParameterLayout([(Self.tensorName, [cells])])
    }

    public var itemTables: [String] { [Self.tensorName] }

    /// Place of the cell from one item to another; with both directions the cells of the upper triangle, row by row.
    func place(_ from: Int, _ to: Int) -> Int {
        if configuration.direction == .forward { return from * itemCount + to }
        let (row, column) = (min(from, to), max(from, to))
        return row * itemCount - row * (row - 1) / 2 + column - row
    }

    public func accumulateStatistic(
        _ solution: [Float], events: ArraySlice<Int32>, into sum: inout GradientBuffer, scratch: inout ScratchMemory
    ) {
        var cells = pairs(events)
        let norm = cells.reduce(Float(0)) { $0 + $1.weight * $1.weight }.squareRoot()
        if norm > 0 {
            let scale = (1 - Self.popularityShare).squareRoot() / norm
            for index in cells.indices { cells[index].weight *= scale }
        }
        let items = distinctItems(events)
        let each = (Self.popularityShare / Float(max(items.count, 1))).squareRoot()
        cells += items.map { (Int32(place(Int($0), Int($0))), each) }
        cells.map(\.place).withUnsafeBufferPointer { sum.touch(0, rows: $0) }
        for cell in cells { sum.values[Int(cell.place)] += cell.weight }
    }

    /// The cells of the pairs of different items within the window, each once.
    private func pairs(_ events: ArraySlice<Int32>) -> [(place: Int32, weight: Float)] {
        let weights = (1...configuration.window).map { powf(Float($0), -configuration.distanceExponent) }
        var pairs: [(place: Int32, weight: Float)] = []
        pairs.reserveCapacity(events.count * configuration.window)
        for later in events.indices {
            for earlier in max(events.startIndex, later - configuration.window)..<later where events[earlier] != events[later] {
                pairs.append((Int32(place(Int(events[earlier]), Int(events[later]))), weights[later - earlier - 1]))
            }
        }
        // Equal cells must be one before their norm is taken; the order of events decides the order of the sum.
        let order = pairs.indices.sorted { (pairs[$0].place, $0) < (pairs[$1].place, $1) }
        var cells: [(place: Int32, weight: Float)] = []
        cells.reserveCapacity(pairs.count)
        for index in order {
            if cells.last?.place == pairs[index].place {
                cells[cells.count - 1].weight += pairs[index].weight
            } else {
                cells.append(pairs[index])
            }
        }
        return cells
    }
}
