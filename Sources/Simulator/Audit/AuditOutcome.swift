public import DifferentialPrivacy

/// What one audit found.
public struct AuditOutcome: Sendable, Hashable {
    public var seed: UInt64
    public var claimedEpsilon: Double
    /// The attacker's guesses and the bounds on ε that they prove.
    public var bound: EmpiricalEpsilon
    /// Tests of the releases; p-values below ``threshold`` are faults.
    public var findings: [SampleFinding]

    public static let threshold = 1e-6
    /// Names of the detectors.
    public static let lowerBound = "ε lower bound"
    public static let variance = "variance on zero data"
    public static let independence = "independence of nodes"
    public static let scale = "scale of the model's step"

    init(seed: UInt64, claimedEpsilon: Double, bound: EmpiricalEpsilon, findings: [SampleFinding]) {
        self.seed = seed
        self.claimedEpsilon = claimedEpsilon
        self.bound = bound
        self.findings = findings
        epsilon = bound.oneRun
        gaussianEpsilon = bound.gaussian
    }

    /// Lower bound for any mechanism.
    public var epsilon: Double
    /// Lower bound for a Gaussian mechanism.
    public var gaussianEpsilon: Double

    /// Names of the detectors that found a fault; empty when the build passes.
    ///
    /// The bounds are at 95 %, so that of many audits of a mechanism that is exactly as private as claimed some exceed the claim; an alarm is raised for bounds at 99.9 %.
    public var alarms: [String] {
        var certain = bound
        certain.failure = 1e-3
        return (max(certain.oneRun, certain.gaussian) > claimedEpsilon ? [Self.lowerBound] : []) + findings.filter { $0.pValue < Self.threshold }.map(\.name)
    }
}
