import DifferentialPrivacy
import Foundation
import SeededNoise
import SeededRandom
import Testing

@Suite("Matrix mechanism: one Gaussian mechanism over a run, with noise that cancels")
struct MatrixMechanismTests {
    @Test("coefficients are those of the square root of the prefix sums, to 2⁻¹¹, and do not grow")
    func coefficients() {
        let matrix = BandedToeplitz(bands: 64)
        var product = [Double](repeating: 0, count: 64)
        for i in 0..<64 {
            #expect(i == 0 || matrix.coefficients[i] <= matrix.coefficients[i - 1])
            for j in 0...i { product[i] += Double(matrix.coefficients[j] * matrix.coefficients[i - j]) / Double(1 << 20) }
        }
        #expect(product.allSatisfy { abs($0 - 1) < 0.02 }, "its square is all ones")
        #expect(matrix.coefficients.prefix(4) == [1024, 512, 384, 320])
    }

    @Test("the sensitivity is the largest over every pattern of participation and every sign", arguments: [(6, 2, 3), (7, 3, 2), (8, 1, 4), (9, 4, 9), (5, 7, 1)])
    func sensitivity(_ rounds: Int, _ separation: Int, _ bands: Int) {
        let matrix = BandedToeplitz(bands: bands)
        var largest = 0
        // Every subset of rounds that keeps the separation, every sign of the contributions.
        for pattern in 1..<(1 << rounds) {
            let turns = (0..<rounds).filter { pattern >> $0 & 1 == 1 }
            guard zip(turns, turns.dropFirst()).allSatisfy({ $1 - $0 >= separation }) else { continue }
            for signs in 0..<(1 << turns.count) {
                var column = [Int](repeating: 0, count: rounds)
                for (index, turn) in turns.enumerated() {
                    for (offset, coefficient) in matrix.coefficients.prefix(rounds - turn).enumerated() {
                        column[turn + offset] += signs >> index & 1 == 1 ? -coefficient : coefficient
                    }
                }
                largest = max(largest, column.reduce(0) { $0 + $1 * $1 })
            }
        }
        let turns = BandedToeplitz.participations(rounds: rounds, separation: separation)
        #expect(matrix.squaredSensitivity(rounds: rounds, separation: separation, participations: turns) == UInt128(largest))
    }

    /// Squared error of the prefix sums with noise z of variance 1: the largest, of the last sum, and the mean.
    private func prefixError(_ matrix: BandedToeplitz, rounds: Int) -> (largest: Double, mean: Double) {
        let c = matrix.coefficients.map { Double($0) / Double(BandedToeplitz.unit) }
        var inverse = [1.0]
        for t in 1..<rounds {
            var value = 0.0
            for k in 1..<c.count where k <= t { value -= c[k] * inverse[t - k] }
            inverse.append(value)
        }
        var (running, row, total) = (0.0, 0.0, 0.0)
        for value in inverse {
            running += value
            row += running * running
            total += row
        }
        return (row, total / Double(rounds))
    }

    /// Reference: coefficients not cut, sensitivity and errors by another implementation.
    @Test("sensitivity and errors of the prefix sums are the reference's, and the worst sum has so much less error than with independent noise", arguments: [
        (64, 64, 64, 2.388848, 2.388848, 2.081111, 3.35), (64, 16, 8, 6.873517, 7.495267, 4.303649, 2.23),
        (256, 32, 32, 17.335803, 7.813631, 4.656116, 3.89), (1000, 100, 50, 23.099233, 17.413076, 9.525981, 4.99),
    ] as [(Int, Int, Int, Double, Double, Double, Double)])
    func gain(_ rounds: Int, _ separation: Int, _ bands: Int, _ sensitivity: Double, _ largest: Double, _ mean: Double, _ gain: Double) {
        let matrix = BandedToeplitz(bands: bands)
        let turns = BandedToeplitz.participations(rounds: rounds, separation: separation)
        let squared = Double(matrix.squaredSensitivity(rounds: rounds, separation: separation, participations: turns)) * 0x1p-20
        let error = prefixError(matrix, rounds: rounds)
        #expect(abs(squared / sensitivity - 1) < 0.003 && abs(error.largest / largest - 1) < 0.02 && abs(error.mean / mean - 1) < 0.02)
        // Independent noise: sensitivity √turns, errors 1 … T.
        #expect(abs((Double(turns * rounds) / (squared * error.largest)).squareRoot() / gain - 1) < 0.01)
    }

    private func mechanism(rounds: Int = 24, separation: Int = 6, bands: Int = 6, bound: Int = 1 << 14, noiseMultiplier: Double = 2) throws -> MatrixMechanism {
        try MatrixMechanism(matrix: BandedToeplitz(bands: bands), bound: bound, rounds: rounds, separation: separation, noiseMultiplier: noiseMultiplier)
    }

    @Test("sum plus noise is the post-processing of the integer release C x + z, bit for bit")
    func postProcessing() throws {
        let mechanism = try mechanism()
        let source = SeededNoiseSource(seed: 1)
        var noise = try CorrelatedNoise(mechanism, dimension: 5)
        let gaussian = try DiscreteGaussian(standardDeviation: mechanism.standardDeviation)
        var random = RandomStream(seed: 2)
        var (x, released): ([[Int64]], [[Int64]]) = ([], [])
        for round in 1...mechanism.rounds {
            x.append((0..<5).map { _ in Int64(random.below(2000)) - 1000 })
            var stream: any NoiseStream = source.stream(for: NoisePurpose("z", "\(round)"))
            let e = try noise.next(from: &stream)
            // The release, and what anybody computes from it.
            var again: any NoiseStream = source.stream(for: NoisePurpose("z", "\(round)"))
            let z = try gaussian.draw(5, from: &again)
            var output: [Int64] = []
            for i in 0..<5 {
                var y = z[i]
                for (k, c) in mechanism.matrix.coefficients.enumerated() where k < round { y += Int64(c) * x[round - 1 - k][i] }
                for (k, c) in mechanism.matrix.coefficients.enumerated() where k >= 1 && k < round { y -= Int64(c) * released[round - 1 - k][i] }
                output.append(Int64((Double(y) / 1024 + 0.5).rounded(.down)))
            }
            released.append(output)
            #expect(output == zip(x[round - 1], e).map { $0 + $1 })
        }
    }

    @Test("noise drawn again from the secret continues where it stopped; another secret gives other noise")
    func replay() throws {
        let mechanism = try mechanism()
        let secret = try NoiseSecret()
        func stream(_ secret: NoiseSecret, _ round: Int) throws -> any NoiseStream { try secret.stream(for: NoisePurpose("plan", "\(round)")) }
        var steady = try CorrelatedNoise(mechanism, dimension: 7)
        var rounds: [[Int64]] = []
        for round in 1...mechanism.rounds {
            var words = try stream(secret, round)
            rounds.append(try steady.next(from: &words))
        }
        for stop in [0, 1, 5, 6, 23] {
            var resumed = try CorrelatedNoise(mechanism, dimension: 7, after: stop) { try stream(NoiseSecret(bytes: secret.bytes), $0) }
            var words = try stream(secret, stop + 1)
            #expect(try resumed.next(from: &words) == rounds[stop])
        }
        var other = try stream(NoiseSecret(), 1)
        var fresh = try CorrelatedNoise(mechanism, dimension: 7)
        #expect(try fresh.next(from: &other) != rounds[0])
        var words = try stream(secret, 25)
        #expect(throws: PrivacyError.self) { try steady.next(from: &words) }
        #expect("\(secret)" == "NoiseSecret")
        #expect(throws: PrivacyError.self) { try NoiseSecret(bytes: [1, 2]) }
    }

    @Test("what the best attacker of a user sees is the stated mechanism: neither more nor less")
    func tight() throws {
        let mechanism = try mechanism(noiseMultiplier: 1)
        let event = mechanism.event(dimension: 1)
        #expect(event.noiseMultiplier <= 1.000_001 && event.noiseMultiplier > 0.999_99)
        // The user adds D in rounds 0, 6, 12 and 18. The likelihood ratio weighs y = C(x + e), known up to rounding, by the column that the user moves.
        var column = [Double](repeating: 0, count: mechanism.rounds)
        for turn in stride(from: 0, to: mechanism.rounds, by: mechanism.separation) {
            for (offset, c) in mechanism.matrix.coefficients.prefix(mechanism.rounds - turn).enumerated() { column[turn + offset] += Double(c) }
        }
        let length = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let d = 20_000
        var noise = try CorrelatedNoise(mechanism, dimension: d)
        var history: [[Int64]] = []
        var statistic = [Double](repeating: 0, count: d)
        for round in 0..<mechanism.rounds {
            var stream: any NoiseStream = SeededNoiseSource(seed: 8).stream(for: NoisePurpose("z", "\(round)"))
            history.append(try noise.next(from: &stream))
            for i in 0..<d {
                var y = 0.0
                for (k, c) in mechanism.matrix.coefficients.enumerated() where k <= round { y += Double(c) * Double(history[round - k][i]) }
                statistic[i] += column[round] * y / (length * Double(mechanism.standardDeviation))
            }
        }
        // Without the user a standard normal deviate; the user moves it by D |column| / σ = 1/z.
        let variance = statistic.reduce(0) { $0 + $1 * $1 } / Double(d)
        #expect(abs(variance - 1) < 5 * (2 / Double(d)).squareRoot())
        #expect(abs(Double(mechanism.bound) * length / Double(mechanism.standardDeviation) - 1) < 1e-5)
    }

    @Test("settings out of range are refused")
    func refused() {
        #expect(throws: PrivacyError.self) { try mechanism(bound: 0) }
        #expect(throws: PrivacyError.self) { try mechanism(noiseMultiplier: 0) }
        #expect(throws: PrivacyError.self) { try mechanism(bound: 1 << 28, noiseMultiplier: 100) }
    }
}
