import CoordinatorCore
package import DifferentialPrivacy
import EdgeRuntime
package import Federation
import RecommenderModels
package import SeededRandom
import Tensors

/// The steps that protect a user, as an audit drives them. The shipped programs know one conformance, ``ProductionRound``; tests of the audit replace a step by
/// a broken one and see that it is noticed.
package protocol AuditedRound: Sendable {
    var production: ProductionRound { get }
    /// Clips a user's delta, rounds it and adds it to a node's sum.
    func add(_ delta: [Float], touched: Range<Int>, to sum: inout [Int64], stream: inout RandomStream) throws
    /// What a node sends of its sum.
    func release(_ sum: [Int64], of node: Int, round: Int) throws -> [UInt8]
    /// What the coordinator adds to the model for a sum over nodes.
    /// - Parameter present: users that took part; the production step must not use it.
    func modelChange(_ total: [Int64], present: Int) throws -> [Float]
}

extension AuditedRound {
    package func add(_ delta: [Float], touched: Range<Int>, to sum: inout [Int64], stream: inout RandomStream) throws {
        try production.quantizer.add(delta, touched: [touched], to: &sum, stream: &stream)
    }

    package func release(_ sum: [Int64], of node: Int, round: Int) throws -> [UInt8] {
        try production.release(sum, of: node, round: round)
    }

    package func modelChange(_ total: [Int64], present: Int) throws -> [Float] {
        try production.modelChange(total, users: production.setting.canaries)
    }
}

/// The steps of the production nodes and coordinator.
package struct ProductionRound: AuditedRound {
    package let setting: AuditSetting
    package let plan: Plan
    package let bound: ClippingBound
    /// σ of the claim in grid units.
    package let standardDeviation: Int
    package let quantizer: UserQuantizer
    package let source: any NoiseSource
    package var production: ProductionRound { self }

    package init(_ setting: AuditSetting, noise: any NoiseSource) throws {
        self.setting = setting
        source = noise
        plan = try setting.plan()
        guard let bound = try plan.privacy.clippingBound(), let mechanism = plan.privacy.mechanism else {
            throw SimulationError(.invalidSetup, "An audit needs a plan with a clip.")
        }
        self.bound = bound
        standardDeviation = try bound.standardDeviation(noiseMultiplier: mechanism.noiseMultiplier)
        quantizer = try LocalContribution.quantizer(plan, dimension: plan.recommender().layout.count)
    }

    /// Standard deviation of what one node adds.
    package var nodeDeviation: Int {
        switch setting.noise {
        case .local: standardDeviation
        case .distributed: NoiseShare.standardDeviation(total: standardDeviation, guaranteed: setting.nodes)
        }
    }

    package func name(of node: Int) -> NodeID { NodeID(naming: "node-\(node)") }

    package func release(_ sum: [Int64], of node: Int, round: Int) throws -> [UInt8] {
        switch setting.noise {
        case .local:
            return try LocalContribution(sum: sum, users: 0).encoded(for: plan, round: RoundNumber(round), node: name(of: node), noise: source)
        case .distributed: return try release(sum, of: node, round: round, standardDeviation: nodeDeviation)
        }
    }

    /// The sum with noise of this standard deviation, on the grid.
    package func release(_ sum: [Int64], of node: Int, round: Int, standardDeviation: Int) throws -> [UInt8] {
        var stream = try source.stream(for: NoisePurpose("audit", plan.digest.hex, name(of: node).name, "\(round)"))
        return try Update(sumOverUsers: sum).noised(with: DiscreteGaussian(standardDeviation: standardDeviation), from: &stream).encoded(on: plan.privacy.grid)
    }

    package func modelChange(_ total: [Int64], users: Int) throws -> [Float] {
        guard let gradient = PseudoGradient(sum: total, plan: plan, enrolledUsers: users) else {
            throw SimulationError(.invalidSetup, "An audit needs at least one user.")
        }
        return gradient.delta
    }
}
