import DifferentialPrivacy
import Foundation
import Testing

@Suite("Every reference case, as `simulate epsilon` answers it", .enabled(if: AccountingVectors.isPresent, "\(AccountingVectors.absence)"))
struct AccountingCaseTests {
    private struct File: Decodable { var cases: [AccountingCase] }
    static let cases: [AccountingCase] = {
        guard let bytes = FileManager.default.contents(atPath: AccountingVectors.path), let file = try? JSONDecoder().decode(File.self, from: bytes) else { return [] }
        return file.cases
    }()

    @Test("all 152 cases are there")
    func complete() { #expect(Self.cases.count >= 152) }

    @Test("answers agree to the stated error, and no accountant goes below the truth", arguments: cases.indices)
    func answer(_ index: Int) throws {
        let row = Self.cases[index]
        let answer = try row.answer()
        let exact = ["gaussian", "tree_aggregation", "toeplitz_matrix_factorization", "discrete_gaussian"].contains(row.mechanism)
        for (name, value) in answer.values {
            switch (name, value) {
            case ("epsilon", .number(let epsilon)):
                guard let reference = row.figures["epsilon_ref"] else { continue }
                let error = row.figures["epsilon_ref_abs_err"] ?? 0
                #expect(epsilon >= reference - error, "\(row.id)")
                #expect(epsilon <= (exact ? 1 + 1e-9 : 1.001) * reference + error, "\(row.id)")
            case ("accountants", .named(let accountants)) where row.figures["epsilon_ref"] != nil:
                for (accountant, epsilon) in accountants {
                    #expect(epsilon >= (row.figures["epsilon_ref"] ?? 0) - (row.figures["epsilon_ref_abs_err"] ?? 0), "\(row.id) \(accountant)")
                }
            case ("delta", .number(let delta)):
                guard let reference = row.figures["delta_ref"] else { continue }
                #expect(delta >= reference - (row.figures["delta_ref_abs_err"] ?? 0), "\(row.id)")
                #expect(delta <= reference * (1 + 1e-6), "\(row.id)")
            case ("sigma", .number(let sigma)):
                let reference = row.figures["sigma_ref"] ?? .nan
                #expect(sigma >= reference - (row.figures["sigma_ref_abs_err"] ?? 0), "\(row.id)")
                #expect(sigma <= reference * (row.figures["q"] == 1 ? 1 + 1e-9 : 1.001), "\(row.id)")
            case (_, .number(let number)):
                guard let reference = row.figures[name] else { continue }
                #expect((number - reference).magnitude <= 1e-12 * reference.magnitude, "\(row.id) \(name)")
            case (_, .list(let list)):
                let reference = row.lists[name] ?? []
                #expect(list.count == reference.count && zip(list, reference).allSatisfy { ($0 - $1).magnitude <= 1e-14 }, "\(row.id) \(name)")
            default: break
            }
        }
    }
}

@Suite("Cases that cannot be answered, and inverse questions")
struct AccountingCaseErrorTests {
    @Test("each fault is named", arguments: [
        (#"{"id": "a", "mechanism": "gausian", "sigma": 1}"#, "gausian"), (#"{"id": "a"}"#, "mechanism is missing"),
        (#"{"id": "a", "mechanism": "gaussian", "sigma": 1, "steps": 1}"#, "delta is missing"),
        (#"{"id": "a", "mechanism": "gaussian", "sigma": "NaN", "steps": 1, "delta": 1e-6}"#, "sigma"),
        (#"{"id": "a", "mechanism": "gaussian", "sigma": "much", "steps": 1, "delta": 1e-6}"#, "sigma is not a number"),
        (#"{"id": "a", "mechanism": "gaussian", "sigma": 1, "steps": 1.5, "delta": 1e-6}"#, "steps"),
        (#"{"id": "a", "mechanism": "gaussian", "sigma": 1, "steps": 1, "delta": 0}"#, "delta"),
        (#"{"id": "a", "mechanism": "poisson_subsampled_gaussian", "sigma": 1, "q": 1.5, "steps": 1, "delta": 1e-6}"#, "q must be above 0 and at most 1"),
        (#"{"id": "a", "mechanism": "heterogeneous", "events": [{"type": "gaussian", "count": 3}], "delta": 1e-6}"#, "events[0]: sigma"),
        (#"{"id": "a", "mechanism": "heterogeneous", "events": [{"type": "cauchy", "count": 3}], "delta": 1e-6}"#, "cauchy"),
        (#"{"id": "a", "mechanism": "heterogeneous", "delta": 1e-6}"#, "events is missing"),
        (#"{"id": "a", "mechanism": "calibration", "sigma": 1, "q": 1, "steps": 1, "target_epsilon": 1, "delta": 1e-6}"#, "leave out"),
        (#"{"id": "a", "mechanism": "adaptive_clipping_noise_split", "noise_multiplier": 4, "clipped_count_stddev": 2}"#, "exceed"),
        (#"{"id": "a", "mechanism": "fixed_size_without_replacement_gaussian", "sigma": 1, "dataset_size": 5, "sample_size": 6, "steps": 1, "delta": 1e-6}"#, "6"),
    ])
    func faults(_ json: String, _ named: String) throws {
        let row = try JSONDecoder().decode(AccountingCase.self, from: Data(json.utf8))
        let error = #expect(throws: PrivacyError.self) { try row.answer() }
        #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
    }

    @Test("extreme figures get an answer or a refusal: ε is never below 0, never not a number", arguments: [1e-300, 1e-3, 0.03, 30, 1e8, 1e300], [1e-300, 1e-9, 0.999999, 1])
    func extremes(_ sigma: Double, _ q: Double) throws {
        for (steps, delta) in [(1.0, 1e-300), (3, 0.999999), (1e12, 1e-9)] {
            let answer = try AccountingCase(id: "a", mechanism: "poisson_subsampled_gaussian", figures: ["sigma": sigma, "q": q, "steps": steps, "delta": delta]).answer()
            #expect((answer["epsilon"] ?? .nan) >= 0)
        }
        let answer = try AccountingCase(id: "a", mechanism: "epsilon_to_delta", figures: ["sigma": sigma, "q": q, "steps": 50, "epsilon": 1]).answer()
        #expect((0...1).contains(answer["delta"] ?? .nan))
    }

    @Test("rounds and sampling rate for a target are the largest that keep it")
    func inverse() throws {
        let steps = try AccountingCase(id: "a", mechanism: "calibration", figures: ["target_epsilon": 2, "delta": 1e-6, "sigma": 1.5, "q": 0.02]).answer()["steps"] ?? 0
        func epsilon(_ steps: Double, _ q: Double) throws -> Double {
            try AccountingCase(id: "a", mechanism: "poisson_subsampled_gaussian", figures: ["sigma": 1.5, "q": q, "steps": steps, "delta": 1e-6]).answer()["epsilon"] ?? 0
        }
        #expect(try epsilon(steps, 0.02) <= 2)
        #expect(try epsilon((steps * 1.002 + 1).rounded(), 0.02) > 2)
        let q = try AccountingCase(id: "a", mechanism: "calibration", figures: ["target_epsilon": 2, "delta": 1e-6, "sigma": 1.5, "steps": 500]).answer()["q"] ?? 0
        #expect(try epsilon(500, q) <= 2)
        #expect(try epsilon(500, q * 1.001) > 2)
    }

    @Test("later rounds that may depend on earlier releases are not composed through privacy-loss distributions, unless all are alike")
    func adaptive() throws {
        let a = MechanismEvent.continuous(noiseMultiplier: 1, samplingRate: 0.01, count: 300)
        let b = MechanismEvent.continuous(noiseMultiplier: 2, samplingRate: 0.05, count: 100)
        #expect(try PrivacyAccountant.epsilon(of: [a, b], delta: 1e-6).accountant == .privacyLoss)
        #expect(try PrivacyAccountant.epsilon(of: [a, b], delta: 1e-6, choice: .adaptive).accountant == .renyi)
        #expect(try PrivacyAccountant.epsilon(of: [a, a], delta: 1e-6, choice: .adaptive).accountant == .privacyLoss)
    }
}
