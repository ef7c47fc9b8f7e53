/// Local training that cannot begin or go on.
public struct TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
