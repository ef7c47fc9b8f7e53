internal import Tensors

/// Item vectors of iALS with what solving a user needs: a query is the exact solution for the history's items.
struct PreparedIALS: PreparedRecommender {
    private let configuration: IALSConfiguration
    private let items: ItemVectors
    private let problems: LeastSquares
    let itemCount: Int

    /// - Parameter vectors: V × D.
    init(_ configuration: IALSConfiguration, vectors: [Float]) {
        self.configuration = configuration
        itemCount = vectors.count / configuration.dimension
        items = ItemVectors(width: configuration.dimension, vectors: vectors)
        problems = LeastSquares(
            table: PaddedRows.padded(vectors, width: configuration.dimension), stride: PaddedRows.stride(configuration.dimension),
            weight: configuration.unobservedWeight)
    }

    var itemVectors: ItemVectors? { items }

    /// D values; zero for an empty history.
    /// - Parameter events: distinct items.
    func query(_ events: [Int32]) -> [Float] {
        if events.isEmpty { return [Float](repeating: 0, count: configuration.dimension) }
        let ridge = configuration.ridge(events: events.count, against: itemCount)
        return Array(problems.solution(events, ridge: ridge).prefix(configuration.dimension))
    }

    func queries(histories: [ArraySlice<Int32>]) -> [Float] { histories.flatMap { query(distinct($0)) } }

    func scores(histories: [ArraySlice<Int32>]) -> [Float] { items.scores(queries: queries(histories: histories)) }
}

extension ItemVectors {
    /// The scores of all items, row-major B × V, for queries B × D.
    func scores(queries: [Float]) -> [Float] {
        let (rows, V) = (queries.count / width, vectors.count / width)
        return [Float](unsafeUninitializedCapacity: rows * V) { out, initialized in
            if rows > 0 {
                let start = out.baseAddress!
                BLAS.multiply(queries, transposed: vectors, into: start, rows: rows, inner: width, columns: V)
                if !biases.isEmpty { Kernels.addBias(biases, toRowsOf: start, rows: rows, width: V) }
            }
            initialized = rows * V
        }
    }
}
