internal import Tensors

/// A model whose scores are inner products of a vector of the history, the query, with a vector of each item, plus the item's bias.
protocol QueryRecommender: Recommender {
    /// Where the items' vectors and biases are, and how wide.
    var head: SequenceHead { get }

    /// The queries of the histories, row-major B × W.
    func queries(_ parameters: UnsafePointer<Float>, histories: ArraySlice<ArraySlice<Int32>>, scratch: inout ScratchMemory, into out: UnsafeMutablePointer<Float>)
}

/// Histories read at once; the rest wait, so that memory does not grow with B.
private let chunk = 64

extension QueryRecommender {
    public func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] {
        let (V, W) = (itemCount, head.width)
        let queries = queries(parameters, histories: histories)
        return [Float](unsafeUninitializedCapacity: histories.count * V) { out, initialized in
            parameters.withUnsafeBufferPointer { buffer in
                let parameters = buffer.baseAddress!
                let base = out.baseAddress!
                if !histories.isEmpty {
                    BLAS.multiply(queries, transposed: parameters + head.vectors, into: base, rows: histories.count, inner: W, columns: V)
                    if let biases = head.biases { Kernels.addBias(parameters + biases, toRowsOf: base, rows: histories.count, width: V) }
                }
            }
            initialized = histories.count * V
        }
    }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender { PreparedQueries(self, parameters: parameters) }

    func queries(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let W = head.width
        var scratch = ScratchMemory()
        return [Float](unsafeUninitializedCapacity: histories.count * W) { out, initialized in
            parameters.withUnsafeBufferPointer { parameters in
                for start in stride(from: 0, to: histories.count, by: chunk) {
                    queries(
                        parameters.baseAddress!, histories: histories[start..<min(start + chunk, histories.count)], scratch: &scratch,
                        into: out.baseAddress! + start * W)
                }
            }
            initialized = histories.count * W
        }
    }
}

/// A model of inner products with one set of parameters.
struct PreparedQueries<Model: QueryRecommender>: PreparedRecommender {
    private let model: Model
    private let parameters: [Float]
    private let vectors: ItemVectors

    init(_ model: Model, parameters: [Float]) {
        precondition(parameters.count == model.layout.count, "the parameters have the model's layout")
        self.model = model
        self.parameters = parameters
        let head = model.head
        vectors = ItemVectors(
            width: head.width, vectors: Array(parameters[head.vectors..<head.vectors + head.itemCount * head.width]),
            biases: head.biases.map { Array(parameters[$0..<$0 + head.itemCount]) } ?? [])
    }

    var itemCount: Int { model.itemCount }
    var itemVectors: ItemVectors? { vectors }
    func scores(histories: [ArraySlice<Int32>]) -> [Float] { model.scores(parameters, histories: histories) }
    func queries(histories: [ArraySlice<Int32>]) -> [Float] { model.queries(parameters, histories: histories) }
}
