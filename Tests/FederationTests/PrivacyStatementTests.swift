import DifferentialPrivacy
import Federation
import Foundation
import Testing

@Suite("The privacy statement of a model")
struct PrivacyStatementTests {
    private let model = ModelReference(round: 2, digest: Digest(of: [1]), byteCount: 5)

    @Test("every point is there, with the accountant's figures, and it survives JSON")
    func complete() throws {
        let plan = Plan.privateExample()
        let statement = try PrivacyStatement(plan: plan, digest: plan.digest, model: model, contact: "privacy@acme.example")
        let cost = try #require(try plan.privacyCost())
        let guarantee = try #require(statement.guarantee)
        #expect(guarantee.epsilon == cost.allAttempts.epsilon && guarantee.attempts == plan.maximumAttempts && guarantee.delta == 1e-6)
        #expect(statement.mechanism?.clipOnGrid == 1 << 14)
        #expect(statement.mechanism?.noiseOnGridPerSource == 4 << 14)
        #expect(statement.sampling?.rate == 1 && statement.trust.coalitions == nil)
        #expect(statement.contact.name == "privacy@acme.example")
        let bytes = try JSONEncoder().encode(statement)
        #expect(try JSONDecoder().decode(PrivacyStatement.self, from: bytes) == statement)
        let keys = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any]).keys
        for point in [
            "unit", "guarantee", "mechanism", "sampling", "accountant", "trust", "notCovered", "implementation", "dropouts", "audit", "bias", "lifecycle", "contact",
        ] {
            #expect(keys.contains(point), "\(point)")
        }
    }

    @Test("with privacy off nothing is guaranteed, and it says so first")
    func off() throws {
        let plan = Plan.example()
        let statement = try PrivacyStatement(plan: plan, digest: plan.digest, model: model)
        #expect(statement.guarantee == nil && statement.mechanism == nil && statement.mode == "off")
        #expect(statement.notCovered.first?.hasPrefix("everything") == true)
    }
}
