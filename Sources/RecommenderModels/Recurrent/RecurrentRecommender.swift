internal import SeededRandom
internal import Tensors

/// A recurrent network over item sequences, of any cell. The state after each event is scored against item vectors:
/// scores = y Eᵀ + b with y the state (after a linear layer H → D when the vectors are tied and H ≠ D).
///
/// Letters: B sequences, N positions of a batch, D embedding, H hidden, V items, W width of the scored vector.
struct RecurrentRecommender<Cell: RecurrentCell>: QueryRecommender {
    let configuration: RecurrentConfiguration
    let itemCount: Int
    let layout: ParameterLayout
    let places: Places
    let head: SequenceHead

    /// Where the tensors lie.
    struct Places: Sendable {
        let embedding: Int
        let layers: [RecurrentLayer]
        /// Weights and bias of the layer H → D.
        let projection: (weights: Int, bias: Int)?
    }

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    init(_ configuration: RecurrentConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        let (V, D, H) = (itemCount, configuration.embeddingDimension, configuration.hiddenDimension)
        let (isTied, rows) = (configuration.tiedEmbeddings, Cell.gates * configuration.hiddenDimension)
        var tensors: [(name: String, shape: [Int])] = [("item.embedding", [V, D])]
        if !isTied { tensors.append(("output.embedding", [V, H])) }
        tensors.append(("output.bias", [V]))
        for layer in 0..<configuration.layers {
            tensors.append(("\(Cell.name).weight_ih_l\(layer)", [rows, layer == 0 ? D : H]))
            tensors.append(("\(Cell.name).weight_hh_l\(layer)", [rows, H]))
            tensors.append(("\(Cell.name).bias_ih_l\(layer)", [rows]))
            tensors.append(("\(Cell.name).bias_hh_l\(layer)", [rows]))
        }
        let isProjected = isTied && D != H
        if isProjected {
            tensors.append(("projection.weight", [D, H]))
            tensors.append(("projection.bias", [D]))
        }
        let layout = ParameterLayout(tensors)
        self.layout = layout
        places = Places(
            embedding: layout.start("item.embedding"),
            layers: (0..<configuration.layers).map {
                RecurrentLayer(
                    inputWeights: layout.start("\(Cell.name).weight_ih_l\($0)"), hiddenWeights: layout.start("\(Cell.name).weight_hh_l\($0)"),
                    inputBias: layout.start("\(Cell.name).bias_ih_l\($0)"), hiddenBias: layout.start("\(Cell.name).bias_hh_l\($0)"),
                    inputWidth: $0 == 0 ? D : H, stateWidth: H)
            },
            projection: isProjected ? (layout.start("projection.weight"), layout.start("projection.bias")) : nil)
        head = SequenceHead(
            loss: configuration.loss, itemCount: V, width: isTied ? D : H,
            vectors: layout.start(isTied ? "item.embedding" : "output.embedding"), biases: layout.start("output.bias"),
            tables: isTied ? [0, 1] : [1, 2])
    }

    var itemTables: [String] {
        configuration.tiedEmbeddings ? ["item.embedding", "output.bias"] : ["item.embedding", "output.embedding", "output.bias"]
    }

    /// Every event but the first of each sequence.
    func targetCount(of sequences: [ArraySlice<Int32>]) -> Int { sequences.reduce(0) { $0 + max(0, $1.count - 1) } }

    var sequenceUse: SequenceUse { .windows }

    var sharedNegatives: Int { configuration.loss.sharedNegatives }

    /// D.
    var embeddingWidth: Int { configuration.embeddingDimension }
    /// H.
    var stateWidth: Int { configuration.hiddenDimension }

    /// Item vectors uniform in ± √(3/D)/4 (standard deviation a quarter of 1/√D), recurrent weights and biases uniform in ± 1/√H, the
    /// projection uniform in ± √(3/H), output biases 0.
    func initialParameters(_ stream: RandomStream) -> [Float] {
        layout.uniform(stream) { tensor in
            switch tensor.name {
            case "output.bias", "projection.bias": 0
            case "item.embedding", "output.embedding": 0.25 * (3 / Float(tensor.rowWidth)).squareRoot()
            case "projection.weight": (3 / Float(stateWidth)).squareRoot()
            default: 1 / Float(stateWidth).squareRoot()
            }
        }
    }

    /// Item vectors start near those of their categories (``ItemContent``).
    func initialParameters(_ stream: RandomStream, content: ItemContent) -> [Float] {
        var parameters = initialParameters(stream)
        content.shape(&parameters, tables: ["item.embedding", "output.embedding"], of: layout, stream: stream)
        return parameters
    }
}
