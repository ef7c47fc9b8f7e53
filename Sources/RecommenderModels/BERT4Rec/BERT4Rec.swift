public import SeededRandom
public import Tensors

/// Bidirectional self-attention over item sequences in which some events are hidden behind a mask token (Sun et al. 2019):
///
///     scores of a hidden event = GELU(h Wᵀ + w) Eᵀ + b,
///
/// with h what the blocks make of its position (eq. 7; layer normalisation stands before each part of a block and behind the last).
/// A history is scored by what stands behind a mask token appended to it.
///
/// The mask token is row V of what is read, a tensor of its own behind the item vectors: no item, never scored.
///
/// Letters: N positions of a batch, M hidden ones, L longest sequence, D embedding, V items.
public struct BERT4Rec: QueryRecommender {
    public let configuration: BERT4RecConfiguration
    /// Embeddings and blocks; its layout is this model's.
    let core: SASRec
    /// Where the layer D → D before the scores lies.
    let transform: SASRec.Places.Linear

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    init(_ configuration: BERT4RecConfiguration, itemCount: Int) {
        self.configuration = configuration
        let D = configuration.dimension
        core = SASRec(
            configuration.blockConfiguration, itemCount: itemCount, span: .all, behindItems: [("mask.embedding", [1, D])],
            atEnd: [("transform.weight", [D, D]), ("transform.bias", [D])])
        transform = SASRec.Places.Linear(
            weights: core.layout.start("transform.weight"), bias: core.layout.start("transform.bias"), inputWidth: D, outputWidth: D)
    }

    public var itemCount: Int { core.itemCount }
    public var layout: ParameterLayout { core.layout }
    public var itemTables: [String] { core.itemTables }
    public var sequenceUse: SequenceUse { .windows }
    public var sharedNegatives: Int { core.sharedNegatives }
    var head: SequenceHead { core.head }

    /// D.
    var width: Int { configuration.dimension }

    /// The mask token, as an item read.
    var mask: Int32 { Int32(itemCount) }

    /// The hidden events of the sequences when none of them hides the last event only: a sequence that does has one target.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int {
        sequences.reduce(0) { $0 + hiddenCount(length: min($1.count, configuration.maximumLength)) }
    }

    /// Item, mask and position vectors uniform with standard deviation 0.02, weights uniform in ± √(6 / (inputs + outputs)), gains 1,
    /// biases 0.
    public func initialParameters(_ stream: RandomStream) -> [Float] { core.initialParameters(stream) }

    /// Item vectors start near those of their categories (``ItemContent``).
    public func initialParameters(_ stream: RandomStream, content: ItemContent) -> [Float] {
        core.initialParameters(stream, content: content)
    }
}
