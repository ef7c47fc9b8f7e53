import ArgumentParser
import CommandSupport
import CoordinatorCore
import CoordinatorStore
import Federation
import Interactions
import PlanFiles

/// `coordinator plan …`
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Training runs.", subcommands: [Check.self, Start.self, Status.self, Stop.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a plan file and print what the plan will cost: privacy, noise, bytes.",
            discussion: "Uses the imported catalog; --items says its size where there is none yet.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The plan file.")
        var file: String
        @Option(name: .long, help: "Number of items, where no catalog is imported.")
        var items: Int?
        @Option(name: .long, help: "Users of all nodes together, to say how much noise the average carries.")
        var users: Int?
        @Option(name: .long, help: "Nodes that take part in a round, likewise.")
        var nodes: Int = 3

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let draft = try PlanDraft.reading(file)
                let catalog: CatalogReference
                if let items {
                    guard items >= 2 else { throw CommandFailure(.usage, "--items must be at least 2") }
                    catalog = CatalogReference(digest: Digest(of: []), itemCount: items)
                } else {
                    let (imported, bytes) = try directory.value.catalog()
                    catalog = CatalogReference(digest: Digest(of: bytes), itemCount: imported.count)
                }
                let cost = try PlanCost(of: try draft.resolved(for: catalog), users: users, nodes: nodes)
                StandardStreams.output(output.format == .json ? try cost.jsonLine() : cost.description)
            }
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start a plan with the imported catalog; a running server takes it up at once.",
            discussion: "A stopped plan continues where it stopped. Only one plan runs at a time.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The plan file.")
        var file: String

        private struct Answer: Encodable { var plan: String }

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let administration = try CoordinatorStores(directory.value).administration
                let draft = try PlanDraft.reading(file)
                let (catalog, bytes) = try directory.value.catalog()
                let plan = try draft.resolved(for: CatalogReference(digest: try await administration.importCatalog(bytes), itemCount: catalog.count))
                _ = try await administration.startPlan(plan)
                switch output.format {
                case .json: StandardStreams.output(try Answer(plan: plan.digest.hex).jsonLine())
                case .text:
                    if case .off = plan.privacy.mode { StandardStreams.output(redWarning("privacy is OFF: updates are not protected; every node and the coordinator are trusted")) }
                    StandardStreams.output("requested plan \(plan.name), digest \(plan.digest.short); follow it with `coordinator plan status --watch`")
                }
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the newest plan and its rounds.")
        @OptionGroup var directory: DirectoryOptions
        @OptionGroup var output: OutputOptions
        @Flag(name: .long, help: "Follow the plan until it ends.")
        var watch = false

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let administration = try CoordinatorStores(directory.value).administration
                func status() async throws -> PlanStatusAnswer {
                    guard let status = try await administration.status() else {
                        throw CommandFailure(.configuration, "no plan was started yet: run `coordinator plan start plan.yaml --directory \(directory.directory)`")
                    }
                    return PlanStatusAnswer(status)
                }
                var current = try await status()
                var shown = ""
                while watch, ["requested", "running", "stopping"].contains(current.state) {
                    let line = output.format == .json ? try current.jsonLine() : current.summary
                    if line != shown {
                        if StandardStreams.outputIsTerminal, output.format == .text { StandardStreams.outputFragment("\r\u{1B}[K" + line) } else { StandardStreams.output(line) }
                        shown = line
                    }
                    try await SystemClock().sleep(until: SystemClock().now + .milliseconds(500))
                    current = try await status()
                }
                switch output.format {
                case .json: StandardStreams.output(try current.jsonLine())
                case .text: StandardStreams.output((watch && StandardStreams.outputIsTerminal ? "\r\u{1B}[K" : "") + current.summary + "\n" + current.table.rendered())
                }
            }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop the running plan; its open round is abandoned.")
        @OptionGroup var directory: DirectoryOptions

        func run() async throws {
            try await reportingFailures(exitStatus) {
                let stopped = try await CoordinatorStores(directory.value).administration.stopPlan()
                StandardStreams.output("asked plan \(stopped.short) to stop")
            }
        }
    }
}

/// A warning in red on a terminal, plain in a pipe.
func redWarning(_ text: String) -> String { StandardStreams.outputIsTerminal ? "\u{1B}[1;31m\(text)\u{1B}[0m" : "WARNING: \(text)" }

extension PlanDraft {
    static func reading(_ path: String) throws -> PlanDraft {
        try PlanDraft(yaml: String(decoding: try CoordinatorDirectory.read(path), as: UTF8.self), fileName: path)
    }
}
