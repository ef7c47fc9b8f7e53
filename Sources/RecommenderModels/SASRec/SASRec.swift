public import SeededRandom
public import Tensors

/// Causal self-attention over item sequences (Kang and McAuley 2018) with layer normalisation before each part:
///
///     x₀ = √D E[item] + P[place],  x ← x + Attention(LN(x)),  x ← x + W₂ φ(W₁ LN(x) + b₁) + b₂  per block,
///     scores = LN(x) Oᵀ (+ b),  O = E when tied.
///
/// With ``ResidualPath/normalized`` the parts are added to LN(x) instead, and keys and values are made of x.
///
/// Sequences lie one behind the other without padding: what is done position by position runs over all N at once, attention
/// within each sequence.
///
/// Letters: B sequences, N positions of a batch, L longest sequence, D embedding, F feed-forward, V items.
public struct SASRec: Recommender {
    public let configuration: SASRecConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout
    let places: Places
    let head: SequenceHead
    /// What positions attend to: those before, unless another model is built on these blocks.
    let span: AttentionSpan

    /// ε of the layer normalisations.
    static let epsilon: Float = 1e-5

    /// Where the tensors lie.
    struct Places: Sendable {
        struct Norm: Sendable { let gain, bias: Int }
        struct Linear: Sendable {
            let weights, bias: Int
            let inputWidth, outputWidth: Int
        }
        struct Block: Sendable {
            let attentionNorm, feedForwardNorm: Norm
            /// Queries, keys and values, one behind the other: D → 3D.
            let projections: Linear
            let output, inner, outer: Linear

            /// The part of `projections` that makes queries.
            var queries: Linear {
                Linear(
                    weights: projections.weights, bias: projections.bias, inputWidth: projections.inputWidth,
                    outputWidth: projections.inputWidth)
            }
            /// The part of `projections` that makes keys and values.
            var keysAndValues: Linear {
                let width = projections.inputWidth
                return Linear(
                    weights: projections.weights + width * width, bias: projections.bias + width, inputWidth: width, outputWidth: 2 * width)
            }
        }
        let embedding, positions: Int
        /// The vectors items are scored with; `embedding` when tied.
        let scored: Int
        let blocks: [Block]
        let lastNorm: Norm
    }

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    ///   - behindItems, atEnd: tensors of a model built on these blocks: directly behind the item vectors, and behind all others.
    init(
        _ configuration: SASRecConfiguration, itemCount: Int, span: AttentionSpan = .before,
        behindItems: [(name: String, shape: [Int])] = [], atEnd: [(name: String, shape: [Int])] = []
    ) {
        self.configuration = configuration
        self.span = span
        self.itemCount = itemCount
        let (V, D, F) = (itemCount, configuration.dimension, configuration.feedForwardDimension)
        var tensors: [(name: String, shape: [Int])] = [("item.embedding", [V, D])] + behindItems
        if !configuration.tiedEmbeddings { tensors.append(("output.embedding", [V, D])) }
        if configuration.outputBias { tensors.append(("output.bias", [V])) }
        tensors.append(("position.embedding", [configuration.maximumLength, D]))
        func norm(_ name: String) { tensors += [(name + ".weight", [D]), (name + ".bias", [D])] }
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) {
            tensors += [(name + ".weight", [outputs, inputs]), (name + ".bias", [outputs])]
        }
        for block in 0..<configuration.blocks {
            norm("blocks.\(block).attention_norm")
            linear("blocks.\(block).attention_in", D, 3 * D)
            linear("blocks.\(block).attention_out", D, D)
            norm("blocks.\(block).feed_forward_norm")
            linear("blocks.\(block).feed_forward_in", D, F)
            linear("blocks.\(block).feed_forward_out", F, D)
        }
        norm("last_norm")
        let layout = ParameterLayout(tensors + atEnd)
        self.layout = layout
        places = Places(layout, configuration)
        let scoredTable = configuration.tiedEmbeddings ? 0 : 1
        head = SequenceHead(
            loss: configuration.loss, itemCount: V, width: D, vectors: places.scored,
            biases: layout["output.bias"]?.range.lowerBound,
            tables: configuration.outputBias ? [scoredTable, scoredTable + 1] : [scoredTable])
    }

    public var itemTables: [String] {
        ["item.embedding"] + (configuration.tiedEmbeddings ? [] : ["output.embedding"]) + (configuration.outputBias ? ["output.bias"] : [])
    }

    public var sequenceUse: SequenceUse { .windows }
    public var sharedNegatives: Int { configuration.loss.sharedNegatives }

    /// Every event but the first of each sequence, at most L of them.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int {
        sequences.reduce(0) { $0 + min(max(0, $1.count - 1), configuration.maximumLength) }
    }

    /// D.
    var width: Int { configuration.dimension }

    func attention(_ dropout: DropoutPattern) -> SequenceAttention {
        SequenceAttention(width: width, heads: configuration.heads, span: span, dropout: dropout)
    }

    /// Item and position vectors uniform with standard deviation 0.02, weights uniform in ± √(6 / (inputs + outputs)) (Glorot and
    /// Bengio 2010), gains 1, biases 0.
    public func initialParameters(_ stream: RandomStream) -> [Float] {
        var parameters = [Float](repeating: 0, count: layout.count)
        for tensor in layout.tensors {
            if tensor.name.hasSuffix(".bias") { continue }
            if tensor.name.hasSuffix("norm.weight") {
                for index in tensor.range { parameters[index] = 1 }
                continue
            }
            let limit: Float =
                if tensor.name.hasSuffix(".embedding") {
                    Self.initialDeviation * Float(3).squareRoot()
                } else {
                    (6 / Float(tensor.shape[0] + tensor.shape[1])).squareRoot()
                }
            var numbers = stream.child(tensor.name)
            for index in tensor.range { parameters[index] = (2 * numbers.uniformFloat() - 1) * limit }
        }
        return parameters
    }

    /// Item vectors start near those of their categories (``ItemContent``).
    /// - Parameter content: of all V items.
    public func initialParameters(_ stream: RandomStream, content: ItemContent) -> [Float] {
        var parameters = initialParameters(stream)
        if content.isEmpty { return parameters }
        for name in ["item.embedding", "output.embedding"] {
            guard let tensor = layout[name] else { continue }
            var rows = parameters[tensor.range]
            content.shape(&rows, width: width, deviation: Self.initialDeviation, stream: stream.child("content").child(name))
            parameters.replaceSubrange(tensor.range, with: rows)
        }
        return parameters
    }

    private static let initialDeviation: Float = 0.02
}

extension SASRec.Places {
    init(_ layout: ParameterLayout, _ configuration: SASRecConfiguration) {
        let (D, F) = (configuration.dimension, configuration.feedForwardDimension)
        func start(_ name: String) -> Int {
            guard let tensor = layout[name] else { preconditionFailure("the layout lacks \(name)") }
            return tensor.range.lowerBound
        }
        func norm(_ name: String) -> Norm { Norm(gain: start(name + ".weight"), bias: start(name + ".bias")) }
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> Linear {
            Linear(weights: start(name + ".weight"), bias: start(name + ".bias"), inputWidth: inputs, outputWidth: outputs)
        }
        self.init(
            embedding: start("item.embedding"), positions: start("position.embedding"),
            scored: start(configuration.tiedEmbeddings ? "item.embedding" : "output.embedding"),
            blocks: (0..<configuration.blocks).map { block in
                Block(
                    attentionNorm: norm("blocks.\(block).attention_norm"), feedForwardNorm: norm("blocks.\(block).feed_forward_norm"),
                    projections: linear("blocks.\(block).attention_in", D, 3 * D), output: linear("blocks.\(block).attention_out", D, D),
                    inner: linear("blocks.\(block).feed_forward_in", D, F), outer: linear("blocks.\(block).feed_forward_out", F, D))
            },
            lastNorm: norm("last_norm"))
    }
}
