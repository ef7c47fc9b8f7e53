import ArgumentParser
import CommandSupport
import DifferentialPrivacy
import SeededNoise
import Simulator

/// An empirical audit of the privacy core.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Attack the privacy core with canary users and report what can be proved from what leaves a node.",
        discussion: """
            Canary users go through the clipping, rounding, noise and summing of production nodes; an attacker who sees what the coordinator sees guesses \
            which of them took part. Prints lower bounds on ε beside the claim, and tests of the noise. Exit status 1 when a bound exceeds the claim or a \
            test fails. An audit finds faults; it does not prove a claim. Noise is drawn from the system's entropy unless --seeded-noise is given.
            """)

    enum Mode: String, CaseIterable, ExpressibleByArgument { case local, distributed }

    @Option(help: "ε of the claim, for one user and one round.") var epsilon = 1.0
    @Option(help: "δ of the claim.") var delta = 1e-5
    @Option(help: "Canary users, each present by a fair coin.") var canaries = 1000
    @Option(help: "Honest nodes they are divided among.") var nodes = 3
    @Option(help: "local: every node adds all noise and the attacker sees each update; distributed: nodes add shares and the attacker sees the sum.")
    var mode = Mode.local
    @Option(help: "How many audits with canaries of different seeds.") var seeds = 20
    @Option(help: "The first of these seeds.") var seed: UInt64 = 1
    @Flag(help: "Repeatable noise, for comparing runs.") var seededNoise = false
    @Flag(help: "Leave out membership inference and reconstruction, which train models.") var withoutAttacks = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard seeds >= 1 else { throw ValidationError("--seeds must be at least 1") }
        guard seed <= 1 << 40 else { throw ValidationError("--seed must be at most 2^40") }
    }

    func run() async throws {
        try await reportingFailures({ InputOptions.status(of: $0) }) {
            let noise: any NoiseSource = if seededNoise { SeededNoiseSource(seed: seed) } else { SystemNoiseSource() }
            let setting = AuditSetting(epsilon: epsilon, delta: delta, noise: mode == .local ? .local : .distributed, canaries: canaries, nodes: nodes)
            let audit = try PrivacyAudit(setting, noise: noise)
            let outcomes = try (0..<UInt64(seeds)).map { try audit.run(seed: seed + $0) }
            var report = AuditReport(setting, outcomes)
            if !withoutAttacks {
                report.membership = try await PrivacyAudit.membership(epsilon: epsilon, delta: delta, seed: seed, noise: noise).map(AuditReport.Membership.init)
                report.reconstruction = try await PrivacyAudit.reconstruction(epsilon: epsilon, delta: delta, seed: seed, noise: noise)
                    .map(AuditReport.Reconstruction.init)
            }
            StandardStreams.output(output.format == .json ? try report.jsonLine() : report.text)
            if !report.passed { throw ExitCode(1) }
        }
    }
}
