public import SeededRandom
public import Tensors

/// A gated recurrent unit over item sequences (Hidasi et al. 2016). The state after each event is scored against item vectors:
/// scores = y Eᵀ + b with y the state (after a linear layer H → D when the vectors are tied and H ≠ D).
///
/// Letters: B sequences, N positions of a batch, D embedding, H hidden, V items, W width of the scored vector.
public struct GRU4Rec: Recommender {
    public let configuration: GRU4RecConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout
    let places: Places
    let head: SequenceHead

    /// Where the tensors lie.
    struct Places: Sendable {
        struct Layer: Sendable {
            let inputWeights, hiddenWeights, inputBias, hiddenBias: Int
            /// Width of what the layer reads.
            let inputWidth: Int
        }
        let embedding: Int
        /// The vectors items are scored with; `embedding` when tied.
        let output: Int
        let outputBias: Int
        let layers: [Layer]
        /// Weights and bias of the layer H → D.
        let projection: (weights: Int, bias: Int)?
    }

    /// The most recent events of a history that are read for scores: training windows are no longer than this.
    public static let historyLimit = 200

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    init(_ configuration: GRU4RecConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        let (V, D, H) = (itemCount, configuration.embeddingDimension, configuration.hiddenDimension)
        var tensors: [(name: String, shape: [Int])] = [("item.embedding", [V, D])]
        if !configuration.tiedEmbeddings { tensors.append(("output.embedding", [V, H])) }
        tensors.append(("output.bias", [V]))
        for layer in 0..<configuration.layers {
            tensors.append(("gru.weight_ih_l\(layer)", [3 * H, layer == 0 ? D : H]))
            tensors.append(("gru.weight_hh_l\(layer)", [3 * H, H]))
            tensors.append(("gru.bias_ih_l\(layer)", [3 * H]))
            tensors.append(("gru.bias_hh_l\(layer)", [3 * H]))
        }
        let isProjected = configuration.tiedEmbeddings && D != H
        if isProjected {
            tensors.append(("projection.weight", [D, H]))
            tensors.append(("projection.bias", [D]))
        }
        let layout = ParameterLayout(tensors)
        self.layout = layout
        func start(_ name: String) -> Int {
            guard let tensor = layout[name] else { preconditionFailure("the layout lacks \(name)") }
            return tensor.range.lowerBound
        }
        places = Places(
            embedding: start("item.embedding"),
            output: start(configuration.tiedEmbeddings ? "item.embedding" : "output.embedding"),
            outputBias: start("output.bias"),
            layers: (0..<configuration.layers).map {
                Places.Layer(
                    inputWeights: start("gru.weight_ih_l\($0)"), hiddenWeights: start("gru.weight_hh_l\($0)"),
                    inputBias: start("gru.bias_ih_l\($0)"), hiddenBias: start("gru.bias_hh_l\($0)"), inputWidth: $0 == 0 ? D : H)
            },
            projection: isProjected ? (start("projection.weight"), start("projection.bias")) : nil)
        let table = configuration.tiedEmbeddings ? 0 : 1
        head = SequenceHead(
            loss: configuration.loss, itemCount: V, width: configuration.tiedEmbeddings ? D : H, vectors: places.output,
            biases: places.outputBias, tables: [table, table + 1])
    }

    public var itemTables: [String] {
        configuration.tiedEmbeddings ? ["item.embedding", "output.bias"] : ["item.embedding", "output.embedding", "output.bias"]
    }

    /// Every event but the first of each sequence.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int { sequences.reduce(0) { $0 + max(0, $1.count - 1) } }

    public var sequenceUse: SequenceUse { .windows }

    public var sharedNegatives: Int { configuration.loss.sharedNegatives }

    /// D.
    var embeddingWidth: Int { configuration.embeddingDimension }
    /// H.
    var stateWidth: Int { configuration.hiddenDimension }
    /// W, the width of the vector that is scored against the output vectors.
    var scoredWidth: Int { configuration.tiedEmbeddings ? embeddingWidth : stateWidth }

    /// Item vectors uniform in ± √(3/D)/4 (standard deviation a quarter of 1/√D), recurrent weights and biases uniform in ± 1/√H, the
    /// projection uniform in ± √(3/H), output biases 0.
    public func initialParameters(_ stream: RandomStream) -> [Float] {
        var parameters = [Float](repeating: 0, count: layout.count)
        for tensor in layout.tensors {
            let limit: Float =
                switch tensor.name {
                case "output.bias", "projection.bias": 0
                case "item.embedding", "output.embedding": 0.25 * (3 / Float(tensor.rowWidth)).squareRoot()
                case "projection.weight": (3 / Float(stateWidth)).squareRoot()
                default: 1 / Float(stateWidth).squareRoot()
                }
            if limit == 0 { continue }
            var numbers = stream.child(tensor.name)
            for index in tensor.range { parameters[index] = (2 * numbers.uniformFloat() - 1) * limit }
        }
        return parameters
    }
}
