import ArgumentParser
import CoordinatorApplication

@main
enum Coordinator {
    static func main() async {
        await CoordinatorCommand.main()
    }
}
