/// Convolutions over the last events (Tang and Wang 2018) without their user vectors, so that no user's vector exists anywhere: what a
/// user likes in general is told by the events of the window alone.
public struct CaserConfiguration: Sendable, Hashable {
    /// D, width of an item vector; 1…1024.
    public var dimension: Int
    /// L, the last events that are read; 1…64. Fewer events are preceded by zero vectors.
    public var window: Int
    /// Horizontal filters of each height 1…`maximumHeight`; 1…1024.
    public var horizontalFilters: Int
    /// The height of the tallest horizontal filters; 1…L.
    public var maximumHeight: Int
    /// Vertical filters; 1…1024.
    public var verticalFilters: Int
    /// Whether items are scored with the vectors they are read with. The paper's are separate.
    public var tiedEmbeddings: Bool
    /// Probability that a value of the convolutions is dropped in training; [0, 1).
    public var dropout: Float
    public var loss: SequenceLoss

    public init(
        dimension: Int = 64, window: Int = 5, horizontalFilters: Int = 16, maximumHeight: Int? = nil, verticalFilters: Int = 4,
        tiedEmbeddings: Bool = false, dropout: Float = 0, loss: SequenceLoss = .crossEntropy
    ) {
        self.dimension = dimension
        self.window = window
        self.horizontalFilters = horizontalFilters
        self.maximumHeight = maximumHeight ?? window
        self.verticalFilters = verticalFilters
        self.tiedEmbeddings = tiedEmbeddings
        self.dropout = dropout
        self.loss = loss
    }
}

extension CaserConfiguration {
    func validate() throws {
        try check(dimension, in: 1...1024, "the dimension")
        try check(window, in: 1...64, "the window")
        try check(horizontalFilters, in: 1...1024, "the number of horizontal filters of a height")
        try check(maximumHeight, in: 1...window, "the height of the tallest filters")
        try check(verticalFilters, in: 1...1024, "the number of vertical filters")
        try check(dropout: dropout, "the dropout")
        try loss.validate()
    }

    /// Parameters an item brings with it.
    var parametersPerItem: Int { (tiedEmbeddings ? 1 : 2) * dimension + 1 }
}
