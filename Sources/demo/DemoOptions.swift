import ArgumentParser

/// `demo`: a whole federation of real processes on this machine, from data to recommendations.
@main
struct Demo: AsyncParsableCommand {
    enum Privacy: String, CaseIterable, ExpressibleByArgument { case local, central, off }

    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Starts a coordinator and edge nodes as separate processes over mutual TLS, trains, and shows recommendations.",
        discussion: """
            Without --data the users of a synthetic world are shared out to the nodes. With --data a file is; the catalog is then made from that file, \
            which a real federation never does: there the operator provides it.
            """)

    @Option(name: .long, help: "A file of events instead of the synthetic world.")
    var data: String?
    @Option(name: .long, help: "Form of the file, as `edge-node import --help` lists them.")
    var inputFormat: String = "auto"
    @OptionGroup var columns: ColumnOptions
    @Option(name: .long, help: "Number of nodes; with --silo-column there is one for each silo.")
    var nodes: Int = 3
    @Option(name: .long, help: "Only this privacy mode; without it, a private run (local) and one with privacy off.")
    var privacy: Privacy?
    @Option(name: .long, help: "Rounds of each run, instead of the plan's own number.")
    var rounds: Int?
    @Option(name: .long, help: "ε of the private run, over all its rounds.")
    var epsilon: Double = 8
    @Option(name: .long, help: "δ of the private run.")
    var delta: Double = 1e-5
    @Option(name: .long, help: "Users of the synthetic world.")
    var users: Int = 6000
    @Option(name: .long, help: "Items of the synthetic world.")
    var items: Int = 2000
    @Option(name: .long, help: "Seed of the synthetic world and of the plans.")
    var seed: Int = 1
    @Option(name: .long, help: "Keep everything in this directory, which must be empty or absent; default: a temporary directory that is removed.")
    var directory: String?
    @Flag(name: .long, help: "End with 1 unless the private run beats popularity and the one with privacy off beats Markov.")
    var check = false

    func validate() throws {
        guard (1...64).contains(nodes) else { throw ValidationError("--nodes must be in 1…64") }
        guard epsilon > 0, delta > 0, delta < 1 else { throw ValidationError("--epsilon must be above 0 and --delta between 0 and 1") }
        guard rounds.map({ $0 >= 1 }) ?? true else { throw ValidationError("--rounds must be at least 1") }
        guard columns.siloColumn == nil || data != nil else { throw ValidationError("--silo-column needs --data") }
    }
}

/// How a file with a header is read.
struct ColumnOptions: ParsableArguments {
    @Option(name: .long, help: "Column that holds the user.")
    var userColumn: String?
    @Option(name: .long, help: "Column that holds the item.")
    var itemColumn: String?
    @Option(name: .long, help: "Column that holds the time.")
    var timeColumn: String?
    @Option(name: .long, help: "Column that names the silo: every silo becomes a node.")
    var siloColumn: String?
    @Option(name: .long, help: "With --silo-column: leave out silos with fewer users.")
    var minimumUsers: Int = 20
    @Option(name: .customLong("require"), help: "Leave out and count rows that miss this condition, such as 'Quantity > 0'; may be repeated.")
    var required: [String] = []
    @Flag(name: .long, help: "Leave out and count rows that name no user.")
    var dropMissingUser = false

    private var named: [(String, String?)] { [("user", userColumn), ("item", itemColumn), ("time", timeColumn)] }

    /// As `simulate split` and `simulate baseline` take them.
    var splitArguments: [String] {
        named.flatMap { name, column in column.map { ["--\(name)-column", $0] } ?? [] } + required.flatMap { ["--where", $0] }
            + (dropMissingUser ? ["--missing-user", "drop"] : [])
    }
    /// As `edge-node import` takes them.
    var importArguments: [String] {
        named.flatMap { name, column in column.map { ["--column-\(name)", $0] } ?? [] } + required.flatMap { ["--require", $0] }
            + (dropMissingUser ? ["--drop-missing-user"] : [])
    }
}
