import ArgumentParser
import CommandSupport
import DataFiles
import Federation
import Foundation
import Interactions
import PlanFiles
import Simulator
import StrictYAML

/// A whole federation in one process.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Train a whole federation in this process, over a virtual clock and a wire that misbehaves as told.",
        discussion: """
            Runs the production coordinator and nodes. The published models are bit-identical to those of real processes for the same plan, data and seed. \
            Privacy noise comes from the seed: it makes runs repeatable and protects nobody.
            """)

    @OptionGroup(title: "Data") var world: WorldOptions
    @OptionGroup(title: "Input") var input: InputOptions
    @Option(help: ArgumentHelp("The plan file.", valueName: "file"))
    var plan: String
    @Option(help: ArgumentHelp("What goes wrong; see examples/faults.yaml.", valueName: "file"))
    var faults: String?
    @Option(help: "Root of silo assignment, the wire's trouble and the noise.")
    var seed: UInt64 = 0
    @Option(help: ArgumentHelp("Write rounds.json, summary.json and model.bin there; it must be empty or absent.", valueName: "directory"))
    var results: String?
    @Option(help: ArgumentHelp("Score every K-th model on all nodes' last events together; 0: at each node.", valueName: "K"))
    var evaluateEvery = 0
    @Option(help: "Threads; 1 also makes the order of the nodes' answers repeatable. [all cores]")
    var workers: Int?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard evaluateEvery >= 0 else { throw ValidationError("--evaluate-every must be at least 0") }
        guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
    }

    func run() async throws {
        try await reportingFailures(Self.status) {
            let draft = try PlanDraft(yaml: try Self.text(plan), fileName: plan)
            let faultPlan = try faults.map { try FaultPlan(yaml: try Self.text($0), fileName: $0) } ?? .none
            if let results { try ResultsDirectory.prepare(results) }
            let world = try world.load(input, seed: seed)
            for line in world.remarks { StandardStreams.error(line) }
            let plan = try draft.resolved(for: CatalogReference(world.catalog))
            let simulation = Simulation(
                plan: plan, silos: world.silos, catalog: world.catalog, faults: faultPlan, seed: seed, settings: settings(world, plan))
            let outcome = try await simulation.run()
            let report = SimulationReport(outcome, plan: plan, seed: seed, silos: world.silos.count)
            if let results { try ResultsDirectory.write(report, model: outcome.finalModelBytes, to: results) }
            switch output.format {
            case .json:
                for round in report.rounds { StandardStreams.output(try round.jsonLine()) }
                StandardStreams.output(try report.summary.jsonLine())
            case .text: StandardStreams.output(report.text)
            }
        }
    }

    private func settings(_ world: SimulationWorld, _ plan: Plan) -> SimulationSettings {
        let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
        guard evaluateEvery > 0 else { return SimulationSettings(workers: workers) }
        // What serves nobody need not be fetched by everybody: thousands of nodes fit into one process.
        let heldOut = PooledHeldOut(world.silos, catalog: world.catalog, workers: workers)
        return SimulationSettings(evaluates: false, servesModels: false, sharesDownloads: true, workers: workers, onPublished: { [evaluateEvery] model, parameters in
            guard model.round % evaluateEvery == 0 else { return }
            let result = try await heldOut.evaluate(parameters, of: plan, on: .test)
            StandardStreams.error("round \(model.round): HR@10 \(decimal(result.hitRate, 4)), NDCG@10 \(decimal(result.ndcg, 4))")
        })
    }

    private static func text(_ path: String) throws -> String {
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw CommandFailure(.noInput, "cannot read \(path) as text: \(error.localizedDescription)")
        }
    }

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is YAMLFileError: .dataError
        case let error as FederationError: error.code == .invalidPlan ? .dataError : .failure
        case let error as SimulationError: error.code == .invalidSetup ? .dataError : .failure
        default: InputOptions.status(of: error)
        }
    }
}

/// Where a simulation's events come from and how they are dealt out.
struct WorldOptions: ParsableArguments {
    @Option(help: ArgumentHelp("File of events, plain or gzip.", valueName: "file"))
    var data: String?
    @Option(help: ArgumentHelp("The built-in world of that size instead.", valueName: "users:items:seed"))
    var synthetic: SyntheticSize?
    @Option(help: ArgumentHelp("The catalog (CSV); without it the items of the data.", valueName: "file"))
    var catalog: String?
    @Option(help: "Number of nodes.")
    var nodes = 3
    @Option(help: ArgumentHelp("How users are dealt out: hash, dirichlet:ALPHA, column, or user (a node for each, --nodes aside).", valueName: "rule"))
    var assign: AssignmentRule = .hash
    @Option(help: "With --assign column: silos with fewer users are left out.")
    var minimumSiloUsers = 1

    func validate() throws {
        guard (data == nil) != (synthetic == nil) else { throw ValidationError("give either --data FILE or --synthetic USERS:ITEMS:SEED") }
        guard (1...10_000).contains(nodes) else { throw ValidationError("--nodes must be in 1…10000") }
        guard minimumSiloUsers >= 1 else { throw ValidationError("--minimum-silo-users must be at least 1") }
    }
}

/// `USERS:ITEMS:SEED`
struct SyntheticSize: ExpressibleByArgument {
    var users: Int
    var items: Int
    var seed: UInt64

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let users = Int(parts[0]), let items = Int(parts[1]), let seed = UInt64(parts[2]), users >= 1, items >= 2 else { return nil }
        self.users = users
        self.items = items
        self.seed = seed
    }
}

/// How users come to silos.
enum AssignmentRule: ExpressibleByArgument, Equatable {
    case hash
    case dirichlet(Double)
    case column
    case user

    init?(argument: String) {
        switch argument {
        case "user": self = .user
        case "hash": self = .hash
        case "column": self = .column
        default:
            guard argument.hasPrefix("dirichlet:"), let alpha = Double(argument.dropFirst("dirichlet:".count)), alpha > 0, alpha.isFinite else { return nil }
            self = .dirichlet(alpha)
        }
    }
    var defaultValueDescription: String { "hash" }
}
