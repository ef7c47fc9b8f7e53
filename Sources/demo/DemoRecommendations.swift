import CommandSupport
import DataFiles
import Interactions

/// Five users of a node: what they did last, and what the node recommends.
enum DemoRecommendations {
    private struct Item: Decodable { var item: String, title: String? }

    static func show(_ node: DemoData.Node, in federation: DemoFederation) async throws {
        let catalog = try DataFile(path: federation.data.catalog).catalog()
        let users = try histories(of: node).filter { $0.items.count >= 6 }.prefix(5)
        for user in users {
            let recommended = try await federation.edgeNode.values(
                Item.self, ["recommend", "--user", user.name, "--top", "5", "--directory", federation.home(of: node), "--format", "json"])
            func title(_ id: String) -> String { catalog.index(of: id).flatMap { catalog.items[Int($0)].title } ?? id }
            StandardStreams.output("\nuser \(user.name) of \(node.name)")
            StandardStreams.output("  last events: " + user.items.suffix(5).map(title).joined(separator: " → "))
            StandardStreams.output("  recommended: " + recommended.map { $0.title ?? $0.item }.joined(separator: " · "))
        }
    }

    /// Events of each user in time order, users in order of appearance.
    private static func histories(of node: DemoData.Node) throws -> [(name: String, items: [String])] {
        let table = try DataFile(path: node.file).interactions().table
        let sequences = table.sequences()
        return (0..<sequences.userCount).map { user in (table.users[user], sequences[user].map { table.items[Int($0)] }) }
    }
}
