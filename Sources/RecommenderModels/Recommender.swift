public import SeededRandom
public import Tensors

/// A model over V items as a value: the layout of its parameters, scores for histories, loss and gradient for sequences.
///
/// Parameters are not part of the value; they are one flat buffer of d numbers in `layout`, given with every call.
public protocol Recommender: Sendable {
    /// V; item indices are 0 ..< V.
    var itemCount: Int { get }
    /// Names, shapes and places of the d parameters.
    var layout: ParameterLayout { get }
    /// Tensors of `layout` that are tables with a row per item, of which a step may touch few rows.
    var itemTables: [String] { get }
    /// How a user's events are cut into training sequences.
    var sequenceUse: SequenceUse { get }
    /// Items drawn uniformly for a step and shared by its sequences; 0 when the loss needs none.
    var sharedNegatives: Int { get }

    /// Parameters to start from, a function of the stream only.
    func initialParameters(_ stream: RandomStream) -> [Float]

    /// The same, with item vectors shaped by what is publicly known of the items, where the model can use it.
    func initialParameters(_ stream: RandomStream, content: ItemContent) -> [Float]

    /// Scores of all items after each history, row-major B × V; higher is better. An empty history is allowed, and of a long one
    /// only the most recent events count.
    /// - Parameters:
    ///   - parameters: d values in `layout`.
    ///   - histories: items oldest first, each in 0 ..< V.
    func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float]

    /// The model with these parameters, ready to score many histories.
    func prepared(_ parameters: [Float]) -> any PreparedRecommender

    /// Targets of the sequences: what `accumulateGradient` counts.
    func targetCount(of sequences: [ArraySlice<Int32>]) -> Int

    /// Adds `weight` × the gradient of the summed loss over the sequences' targets to `gradient`.
    /// - Parameters:
    ///   - parameters: d values in `layout`.
    ///   - sequences: items oldest first, at least 2 each.
    ///   - negatives: `sharedNegatives` items drawn uniformly from all V, with replacement, from a public stream.
    ///   - stream: dropout and any negatives of the sequence's own. `nil` switches dropout off (and draws from a fixed stream).
    /// - Returns: the unweighted sum of the losses and the number of targets.
    func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum
}

/// How a user's events become training sequences.
public enum SequenceUse: Sendable, Hashable {
    /// Order matters: consecutive windows, each continued by the next.
    case windows
    /// One sequence of the most recent events; their order does not matter.
    case whole
}

/// A sum of losses and how many targets it is over.
public struct LossSum: Sendable, Hashable {
    public var loss: Double
    public var targets: Int

    public init(loss: Double = 0, targets: Int = 0) {
        self.loss = loss
        self.targets = targets
    }

    public static func += (left: inout LossSum, right: LossSum) {
        left.loss += right.loss
        left.targets += right.targets
    }
}

extension ModelConfiguration {
    /// The model for a catalog of that many items.
    /// - Parameter itemCount: V, at least 2.
    /// - Throws: `ModelError` when a value is out of range.
    public func recommender(itemCount: Int) throws -> any Recommender {
        try validate()
        guard (2..<(1 << 31)).contains(itemCount) else {
            throw ModelError("a model needs a catalog of at least 2 items, and this one has \(itemCount)")
        }
        let parameters = itemCount.multipliedReportingOverflow(by: parametersPerItem)
        guard !parameters.overflow, parameters.partialValue < 1 << 30 else {
            throw ModelError("\(itemCount) items × \(parametersPerItem) values are too many parameters; choose a smaller dimension")
        }
        switch self {
        case .gru4rec(let configuration): return RecurrentRecommender<GRUCell>(configuration, itemCount: itemCount)
        case .bprMF(let configuration): return BPRMF(configuration, itemCount: itemCount)
        case .ials(let configuration): return IALS(configuration, itemCount: itemCount)
        case .ialsStatistics(let configuration): return IALSStatistics(configuration, itemCount: itemCount)
        case .item2Vec(let configuration): return Item2Vec(configuration, itemCount: itemCount)
        case .sasRec(let configuration): return SASRec(configuration, itemCount: itemCount)
        case .ease(let configuration): return try EASE(configuration, itemCount: itemCount)
        case .itemTransitions(let configuration): return try ItemTransitions(configuration, itemCount: itemCount)
        case .itemKNN(let configuration): return try ItemKNN(configuration, itemCount: itemCount)
        case .pureSVD(let configuration): return try PureSVD(configuration, itemCount: itemCount)
        case .nmf(let configuration): return NMF(configuration, itemCount: itemCount)
        case .lightGCN(let configuration): return LightGCN(configuration, itemCount: itemCount)
        case .lstm(let configuration): return RecurrentRecommender<LSTMCell>(configuration, itemCount: itemCount)
        case .caser(let configuration): return Caser(configuration, itemCount: itemCount)
        case .bert4rec(let configuration): return BERT4Rec(configuration, itemCount: itemCount)
        }
    }
}

/// A model configuration that cannot be used.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Recommender {
    /// Models whose item vectors have no use for content start without it.
    public func initialParameters(_ stream: RandomStream, content: ItemContent) -> [Float] { initialParameters(stream) }
}

extension Recommender {
    /// Nothing is computed ahead.
    public func prepared(_ parameters: [Float]) -> any PreparedRecommender { ParameterizedRecommender(self, parameters: parameters) }
}
