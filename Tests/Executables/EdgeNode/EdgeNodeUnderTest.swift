import DifferentialPrivacy
import EdgeNodeApplication
import EdgeRuntime
import Federation
import SeededNoise
import TestSupport

/// The node's commands with noise that a seed repeats and death at a named point; see `KillPoint`. Never shipped.
@main
enum EdgeNodeUnderTest {
    static func main() async {
        let death = KillPoint()
        let noise: any NoiseSource = testNoiseSeed().map { SeededNoiseSource(seed: $0) } ?? SystemNoiseSource()
        await runEdgeNode(seams: NodeSeams(noise: noise, clock: SystemClock(), faults: { point, _ in death?.pass(point.rawValue) }))
    }
}
