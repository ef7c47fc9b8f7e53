public import ArgumentParser

/// The root of the `coordinator` command line.
public struct CoordinatorCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Runs rounds of federated training and holds the global model.",
        discussion: """
            A first run: `coordinator init --directory D --name acme`, `coordinator catalog import items.csv --directory D`, \
            `coordinator serve --directory D`, `coordinator token create --node berlin --directory D`, \
            `coordinator plan start plan.yaml --directory D`.

            Exit codes: 0 done; 64 usage; 65 malformed input; 66 no such input; 69 unavailable or port in use; 73 exists already; \
            74 input/output failed; 77 refused; 78 configuration or missing state.
            """,
        version: "tributary 0.1.0",
        subcommands: [
            InitCommand.self, ServeCommand.self, TokenCommand.self, NodesCommand.self, CatalogCommand.self, PlanCommand.self, ModelsCommand.self,
        ])
    public init() {}
}

/// The option that names a coordinator's directory.
struct DirectoryOptions: ParsableArguments {
    @Option(name: .long, help: "The coordinator's directory.")
    var directory: String = "."

    var value: CoordinatorDirectory { CoordinatorDirectory(root: directory) }
}
