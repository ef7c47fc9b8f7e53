/// What one node contributes to one round, at a stage of its way out: only a finished stage has bytes.
public struct Update<Stage: UpdateStage>: Sendable {
    /// Grid coordinates: d parameters, and with privacy `off` one more, the weight.
    public let coordinates: [Int64]

    init(coordinates: [Int64]) { self.coordinates = coordinates }
}

/// A stage of an update.
public protocol UpdateStage {}
/// A stage whose updates may leave the node.
public protocol FinishedUpdateStage: UpdateStage {}

/// The exact sum over users, each clipped on the grid. Sensitivity: D in L2 norm under add/remove of one user.
public enum Clipped: UpdateStage {}
/// With the noise the node's own users need: safe to show anybody (privacy `local`).
public enum Noised: FinishedUpdateStage {}
/// With a share of the noise: safe only inside a sum of at least t nodes, and so leaves the node only under masks (privacy `distributed`).
public enum PartlyNoised: UpdateStage {}
/// Shown to the coordinator as it is, because the plan's privacy mode trusts it (`central`, `off`).
public enum Entrusted: FinishedUpdateStage {}

extension Update where Stage == Clipped {
    /// The sum over a node's users of a private plan.
    public init(sumOverUsers sum: [Int64]) { self.init(coordinates: sum) }

    /// A node's contribution with privacy `off`.
    /// - Parameters:
    ///   - sum: d grid values of weight × delta.
    ///   - weight: training sequences (silo) or users (per user); ≥ 0; travels unscaled as the last coordinate.
    public init(weightedSum sum: [Int64], weight: Int) { self.init(coordinates: sum + [Int64(weight)]) }

    /// The update as it is, for a plan that trusts the coordinator.
    /// - Throws: ``FederationError`` `.failedPrecondition` when the privacy mode is `local`.
    public consuming func entrusted(under privacy: PrivacyPlan) throws -> Update<Entrusted> {
        switch privacy.mode {
        case .central, .off: break
        case .local: throw FederationError(.failedPrecondition, "With privacy mode local an update leaves the node only with noise.")
        case .distributed: throw FederationError(.failedPrecondition, "With privacy mode distributed an update leaves the node only with noise and under masks.")
        }
        return Update<Entrusted>(coordinates: coordinates)
    }
}

extension Update where Stage: FinishedUpdateStage {
    /// The payload: each coordinate modulo 2^b as a little-endian word.
    public func encoded(on grid: GridPlan) -> [UInt8] { UpdateCodec(modulusBits: grid.modulusBits).encode(coordinates) }
}
