import ArgumentParser
import Genera

/// `genera plugin build [FOLDER]`.
struct PluginBuildCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "build",
            abstract: "Compile a package's plugin against this very program, in seconds: Genera is not compiled again.",
            discussion: """
                For packages whose plugin needs nothing but Genera; others, programs and tests are built by `swift build`. The \
                library is left in FOLDER/.build/genera.


                """ + Examples.text("genera plugin build moons", "genera plugin build moons --install"))
    }

    @Argument(help: "The package's folder.", completion: .directory)
    var folder = "."

    @Option(help: ArgumentHelp("The library, if the package has several.", valueName: "name"))
    var product: String?

    @Flag(help: "Install it too, in place of one of the same name.")
    var install = false

    func run() throws {
        let began = Clock.seconds()
        let (toolchain, sdk) = (try SwiftToolchain(), try PluginSDK())
        let package = try PluginPackage(toolchain.manifest(of: folder), folder: folder, product: product)
        let place = folder == "." ? ".build/genera" : "\(folder)/.build/genera"
        try FileSystem.makeFolders(place)
        let library = "\(place)/\(PluginSDK.library(package.name))"
        try toolchain.compile(sdk.words(package, library: library, cache: "\(place)/cache"), package: folder)
        if let obstacle = try PluginFile(path: library).obstacle() { throw obstacle }
        Console.result("built \(library) in \((Clock.seconds() - began).duration)")
        if install {
            try PluginInstallCommand.install(library, force: true)
        } else {
            let command = ProgramName.command(["plugin", "install", library])
            Console.result("\nNext:\n  \(command)")
        }
    }
}
