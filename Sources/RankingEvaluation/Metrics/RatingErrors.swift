/// How far predicted ratings are from given ones.
public struct RatingErrors: Sendable, Hashable {
    public private(set) var count = 0
    private var absolute = 0.0
    private var squared = 0.0

    public init() {}

    public mutating func add(predicted: Double, actual: Double) {
        let error = predicted - actual
        count += 1
        absolute += abs(error)
        squared += error * error
    }

    /// Mean absolute error; 0 before anything was added.
    public var meanAbsolute: Double { count == 0 ? 0 : absolute / Double(count) }
    /// Root of the mean squared error; 0 before anything was added.
    public var rootMeanSquare: Double { count == 0 ? 0 : (squared / Double(count)).squareRoot() }
}
