import EdgeNodeApplication

/// The shipped edge node: the system's entropy and clock, no hooks.
@main
struct EdgeNode {
    static func main() async { await runEdgeNode() }
}
