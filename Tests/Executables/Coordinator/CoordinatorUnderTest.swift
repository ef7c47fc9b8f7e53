import ArgumentParser
import CoordinatorApplication
import CoordinatorCore
import DifferentialPrivacy
import SeededNoise
import TestSupport

/// The coordinator's commands with noise that a seed repeats and death at a named point; see `KillPoint`. Never shipped.
@main
enum CoordinatorUnderTest {
    static func main() async {
        let death = KillPoint()
        let noise: any NoiseSource = testNoiseSeed().map { SeededNoiseSource(seed: $0) } ?? SystemNoiseSource()
        let composition = CoordinatorComposition(noise: noise, faults: { death?.pass($0.rawValue) })
        await CoordinatorComposition.$current.withValue(composition) { await CoordinatorCommand.main() }
    }
}
