public import SeededRandom
public import Tensors

/// Convolutions over the vectors of the last L events (Tang and Wang 2018). Horizontal filters of heights 1…h slide over the events and
/// are maximised over time (eq. 4–6), vertical filters are weighted sums of the events (eq. 7–9), and a rectified linear layer makes of
/// both the vector z that items are scored with: scores = z Eᵀ + b (eq. 10–11 without the user's vector).
///
/// Letters: M events read, N positions with a target, D width of vectors, V items, L window, F horizontal filters of a height,
/// T taps of all of them (F × (1 + … + h)), C width of what both kinds of filters give.
public struct Caser: QueryRecommender {
    public let configuration: CaserConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout
    let places: Places
    let head: SequenceHead

    /// Where the tensors lie.
    struct Places: Sendable {
        let embedding: Int
        /// T × D: the filters of height 1, then those of height 2, …; within a height tap by tap.
        let horizontal: Int
        /// F biases of each height.
        let horizontalBias: Int
        /// Vertical filters × L.
        let vertical: Int
        /// D × C and D; the values of the vertical filters come first.
        let linear, linearBias: Int
    }

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    init(_ configuration: CaserConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        let (V, D, F, heights) = (itemCount, configuration.dimension, configuration.horizontalFilters, configuration.maximumHeight)
        let isTied = configuration.tiedEmbeddings
        var tensors: [(name: String, shape: [Int])] = [("item.embedding", [V, D])]
        if !isTied { tensors.append(("output.embedding", [V, D])) }
        tensors.append(("output.bias", [V]))
        // One behind the other, so that all taps are one matrix.
        for height in 1...heights { tensors.append(("horizontal.weight_h\(height)", [height, F, D])) }
        for height in 1...heights { tensors.append(("horizontal.bias_h\(height)", [F])) }
        tensors.append(("vertical.weight", [configuration.verticalFilters, configuration.window]))
        tensors.append(("linear.weight", [D, configuration.verticalFilters * D + F * heights]))
        tensors.append(("linear.bias", [D]))
        let layout = ParameterLayout(tensors)
        self.layout = layout
        places = Places(
            embedding: layout.start("item.embedding"), horizontal: layout.start("horizontal.weight_h1"),
            horizontalBias: layout.start("horizontal.bias_h1"), vertical: layout.start("vertical.weight"),
            linear: layout.start("linear.weight"), linearBias: layout.start("linear.bias"))
        head = SequenceHead(
            loss: configuration.loss, itemCount: V, width: D, vectors: layout.start(isTied ? "item.embedding" : "output.embedding"),
            biases: layout.start("output.bias"), tables: isTied ? [0, 1] : [1, 2])
    }

    public var itemTables: [String] {
        configuration.tiedEmbeddings ? ["item.embedding", "output.bias"] : ["item.embedding", "output.embedding", "output.bias"]
    }

    /// Every event but the first of each sequence.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int { sequences.reduce(0) { $0 + max(0, $1.count - 1) } }

    public var sequenceUse: SequenceUse { .windows }

    public var sharedNegatives: Int { configuration.loss.sharedNegatives }

    /// T.
    var tapCount: Int { configuration.horizontalFilters * configuration.maximumHeight * (configuration.maximumHeight + 1) / 2 }
    /// C.
    var featureWidth: Int { configuration.verticalFilters * configuration.dimension + maximaWidth }
    /// Horizontal filters of all heights.
    var maximaWidth: Int { configuration.horizontalFilters * configuration.maximumHeight }

    /// Item vectors uniform in ± √(3/D)/4 (standard deviation a quarter of 1/√D), filters and the linear layer with their biases uniform in
    /// ± 1/√(what they sum over), output biases 0.
    public func initialParameters(_ stream: RandomStream) -> [Float] {
        let D = Float(configuration.dimension)
        return layout.uniform(stream) { tensor in
            switch tensor.name {
            case "output.bias": 0
            case "item.embedding", "output.embedding": 0.25 * (3 / D).squareRoot()
            case "vertical.weight": 1 / Float(configuration.window).squareRoot()
            case "linear.weight", "linear.bias": 1 / Float(featureWidth).squareRoot()
            default: 1 / (D * Float(tensor.name.split(separator: "_h").last.flatMap { Int($0) } ?? 1)).squareRoot()
            }
        }
    }

    /// Item vectors start near those of their categories (``ItemContent``).
    public func initialParameters(_ stream: RandomStream, content: ItemContent) -> [Float] {
        var parameters = initialParameters(stream)
        content.shape(&parameters, tables: ["item.embedding", "output.embedding"], of: layout, stream: stream)
        return parameters
    }
}
