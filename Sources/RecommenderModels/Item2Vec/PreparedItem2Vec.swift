internal import Tensors

/// Vectors of a skip-gram model as queries and items.
struct PreparedItem2Vec: PreparedRecommender {
    private let configuration: Item2VecConfiguration
    /// V × D, what a query is the mean of.
    private let reading: [Float]
    private let items: ItemVectors
    let itemCount: Int

    init(_ model: Item2Vec, _ parameters: [Float]) {
        precondition(parameters.count == model.layout.count, "\(parameters.count) parameters do not fill a layout of \(model.layout.count)")
        configuration = model.configuration
        itemCount = model.itemCount
        let D = model.configuration.dimension
        switch model.configuration.scoring {
        case .outputs:
            reading = Array(parameters[..<model.outputStart])
            items = ItemVectors(width: D, vectors: Array(parameters[model.outputStart...]))
        case .inputs:
            reading = Self.unitRows(parameters[..<model.outputStart], width: D)
            items = ItemVectors(width: D, vectors: reading)
        }
    }

    private static func unitRows(_ table: ArraySlice<Float>, width: Int) -> [Float] {
        var rows = Array(table)
        rows.withUnsafeMutableBufferPointer { rows in
            for start in stride(from: 0, to: rows.count, by: width) {
                let row = rows.baseAddress! + start
                let norm = Kernels.dot(row, row, count: width).squareRoot()
                if norm > 0 { Kernels.scale(row, by: 1 / norm, count: width) }
            }
        }
        return rows
    }

    var itemVectors: ItemVectors? { items }

    /// Σ r^age u / Σ r^age over the most recent events; zero for an empty history.
    func queries(histories: [ArraySlice<Int32>]) -> [Float] {
        let D = configuration.dimension
        var queries = [Float](repeating: 0, count: histories.count * D)
        for (row, history) in histories.enumerated() {
            var (weight, total): (Float, Float) = (1, 0)
            queries.withUnsafeMutableBufferPointer { queries in
                reading.withUnsafeBufferPointer { reading in
                    for item in history.suffix(Item2Vec.historyLimit).reversed() {
                        Kernels.axpy(weight, reading.baseAddress! + Int(item) * D, to: queries.baseAddress! + row * D, count: D)
                        total += weight
                        weight *= configuration.recency
                    }
                    if total > 0 { Kernels.scale(queries.baseAddress! + row * D, by: 1 / total, count: D) }
                }
            }
        }
        return queries
    }

    func scores(histories: [ArraySlice<Int32>]) -> [Float] { items.scores(queries: queries(histories: histories)) }
}
