import Foundation
import TestSupport

/// Rows of the reference file `dp_accounting.json`: true values from methods independent of any library, and those of libraries.
struct AccountingVectors {
    struct Row: Decodable, Sendable, CustomStringConvertible {
        struct Event: Decodable, Sendable {
            var type: String
            var sigma: Double?
            var q: Double?
            var b: Double?
            var count: Int
        }
        var id: String
        var mechanism: String
        var sigma: Double?
        var q: Double?
        var steps: Int?
        var delta: Double?
        var epsilon_ref: Double?
        var epsilon_ref_abs_err: Double?
        var epsilon_rdp: Double?
        var events: [Event]?
        var target_epsilon: Double?
        var sigma_ref: Double?
        var sigma_ref_abs_err: Double?
        var sigma_rdp: Double?
        var alpha: Double?
        var rdp_ref_mix_vs_base: Double?
        var rho: Double?
        var epsilon_cks20: Double?
        var epsilon: Double?
        var delta_ref: Double?
        var sensitivity: Double?
        var rho_zcdp: Double?
        var epsilon_zcdp: Double?
        var pmf_0: Double?
        var pmf_1: Double?
        var variance: Double?
        var description: String { id }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case id, mechanism, sigma, q, steps, delta, epsilon_ref, epsilon_ref_abs_err, epsilon_rdp, events, target_epsilon, sigma_ref, sigma_ref_abs_err
            case sigma_rdp, alpha, rdp_ref_mix_vs_base, rho, epsilon_cks20, epsilon, delta_ref, sensitivity, rho_zcdp, epsilon_zcdp, pmf_0, pmf_1, variance
        }
        // Numbers that are "inf" or absent read as nil.
        init(from decoder: any Decoder) throws {
            let row = try decoder.container(keyedBy: CodingKeys.self)
            func number(_ key: CodingKeys) -> Double? { try? row.decode(Double.self, forKey: key) }
            id = try row.decode(String.self, forKey: .id)
            mechanism = try row.decode(String.self, forKey: .mechanism)
            sigma = number(.sigma)
            q = number(.q)
            steps = try? row.decode(Int.self, forKey: .steps)
            delta = number(.delta)
            epsilon_ref = number(.epsilon_ref)
            epsilon_ref_abs_err = number(.epsilon_ref_abs_err)
            epsilon_rdp = number(.epsilon_rdp)
            events = try? row.decode([Event].self, forKey: .events)
            target_epsilon = number(.target_epsilon)
            sigma_ref = number(.sigma_ref)
            sigma_ref_abs_err = number(.sigma_ref_abs_err)
            sigma_rdp = number(.sigma_rdp)
            alpha = number(.alpha)
            rdp_ref_mix_vs_base = number(.rdp_ref_mix_vs_base)
            rho = number(.rho)
            epsilon_cks20 = number(.epsilon_cks20)
            epsilon = number(.epsilon)
            delta_ref = number(.delta_ref)
            sensitivity = number(.sensitivity)
            rho_zcdp = number(.rho_zcdp)
            epsilon_zcdp = number(.epsilon_zcdp)
            pmf_0 = number(.pmf_0)
            pmf_1 = number(.pmf_1)
            variance = number(.variance)
        }
    }
    private struct File: Decodable { var cases: [Row] }

    static let isPresent = TestData.hasVectors("dp_accounting.json")
    static let path = TestData.vectorPath("dp_accounting.json")
    static let absence = "the reference vectors dp_accounting.json are not in `vectors` beside the data folder (TRIBUTARY_DATA)"

    static let all: [Row] = {
        guard let bytes = FileManager.default.contents(atPath: TestData.vectorPath("dp_accounting.json")), let file = try? JSONDecoder().decode(File.self, from: bytes) else { return [] }
        return file.cases
    }()
    static func rows(_ mechanism: String) -> [Row] { all.filter { $0.mechanism == mechanism } }
}
