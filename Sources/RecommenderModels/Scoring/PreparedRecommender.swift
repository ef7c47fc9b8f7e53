internal import Tensors

/// A model with one set of parameters, made ready to score: whatever can be computed once per model version is.
public protocol PreparedRecommender: Sendable {
    /// V; item indices are 0 ..< V.
    var itemCount: Int { get }

    /// Scores of all items after each history, row-major B × V; higher is better. An empty history is allowed.
    /// - Parameter histories: items oldest first, each in 0 ..< V.
    func scores(histories: [ArraySlice<Int32>]) -> [Float]

    /// The vectors that items are scored with, for models whose score is a product of a query and an item's vector; `nil` for others.
    var itemVectors: ItemVectors? { get }

    /// The queries of the histories, row-major B × D, of a model that has `itemVectors`:
    /// the score of item i is query · vectors[i] + biases[i].
    func queries(histories: [ArraySlice<Int32>]) -> [Float]
}

/// The side of the items in a model whose score is an inner product.
public struct ItemVectors: Sendable {
    /// D.
    public let width: Int
    /// V × D, row-major.
    public let vectors: [Float]
    /// V biases, or empty for none.
    public let biases: [Float]

    public init(width: Int, vectors: [Float], biases: [Float] = []) {
        self.width = width
        self.vectors = vectors
        self.biases = biases
    }
}

/// A model and its parameters, scored as the model scores.
public struct ParameterizedRecommender: PreparedRecommender {
    private let model: any Recommender
    private let parameters: [Float]

    /// - Parameter parameters: d values in the model's layout.
    public init(_ model: any Recommender, parameters: [Float]) {
        precondition(parameters.count == model.layout.count, "the parameters have the model's layout")
        self.model = model
        self.parameters = parameters
    }

    public var itemCount: Int { model.itemCount }
    public func scores(histories: [ArraySlice<Int32>]) -> [Float] { model.scores(parameters, histories: histories) }
    public var itemVectors: ItemVectors? { nil }
    public func queries(histories: [ArraySlice<Int32>]) -> [Float] { [] }
}
