public import CoordinatorCore
public import DifferentialPrivacy
public import Federation

/// What a coordinator is put together from besides its directory: time and entropy. The shipped executable uses the system's.
///
/// It is a task-local value and not a setting, so that no flag, file or variable can replace privacy noise by something
/// predictable; only another executable, linked from the same parts, can.
public struct CoordinatorComposition: Sendable {
    /// Noise of privacy mode `central`.
    public var noise: any NoiseSource
    public var clock: any FederationClock
    /// Called at durable points.
    public var faults: FaultHook

    public init(noise: any NoiseSource = SystemNoiseSource(), clock: any FederationClock = SystemClock(), faults: @escaping FaultHook = { _ in }) {
        self.noise = noise
        self.clock = clock
        self.faults = faults
    }

    @TaskLocal public static var current = CoordinatorComposition()
}
