internal import Tensors

/// Item vectors and biases of BPR-MF; a query is folded in from the history.
struct PreparedBPRMF: PreparedRecommender {
    private let model: BPRMF
    private let parameters: [Float]
    private let items: ItemVectors

    init(_ model: BPRMF, _ parameters: [Float]) {
        precondition(parameters.count == model.layout.count, "\(parameters.count) parameters do not fill a layout of \(model.layout.count)")
        self.model = model
        self.parameters = parameters
        items = ItemVectors(
            width: model.configuration.dimension, vectors: Array(parameters[..<model.biasStart]), biases: Array(parameters[model.biasStart...]))
    }

    var itemCount: Int { model.itemCount }
    var itemVectors: ItemVectors? { items }
    func queries(histories: [ArraySlice<Int32>]) -> [Float] { histories.flatMap { model.foldIn($0, parameters) } }
    func scores(histories: [ArraySlice<Int32>]) -> [Float] { items.scores(queries: queries(histories: histories)) }
}
