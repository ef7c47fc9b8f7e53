internal import ArgumentParser
public import DifferentialPrivacy
public import EdgeRuntime
public import Federation

/// What a node takes from its surroundings: noise, time, and a hook at the durable points of a round.
///
/// The shipped executable uses ``system``, and no flag, variable or file chooses anything else. Tests of real processes build an
/// executable of their own from the same commands with a reproducible noise source or a hook that stops the process.
public struct NodeSeams: Sendable {
    public var noise: any NoiseSource
    public var clock: any FederationClock
    public var faults: NodeFaultHook

    public init(noise: any NoiseSource, clock: any FederationClock, faults: @escaping NodeFaultHook) {
        self.noise = noise
        self.clock = clock
        self.faults = faults
    }

    /// The system's entropy and clock, and no hook.
    public static var system: NodeSeams { NodeSeams(noise: SystemNoiseSource(), clock: SystemClock(), faults: { _, _ in }) }

    /// What the running command was composed with.
    @TaskLocal static var current: NodeSeams = .system
}

/// Runs the edge node's command line and ends the process with its exit code.
/// - Parameters:
///   - arguments: without the program's name; `nil` takes the process's.
///   - seams: the system's, except in test executables.
public func runEdgeNode(arguments: [String]? = nil, seams: NodeSeams = .system) async {
    await NodeSeams.$current.withValue(seams) { await EdgeNodeCommand.main(arguments) }
}
