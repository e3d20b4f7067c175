/// The texts of a new package. `__FAMILY__`, `__MODULE__`, `__DEPENDENCY__`, `__PACKAGE__` and `__VERSION__` are filled in.
enum Template {
    static let manifest = """
        // swift-tools-version: 6.1
        import PackageDescription

        let package = Package(
            name: "__MODULE__",
            platforms: [.macOS(.v15)],
            products: [
                // The plugin, which `genera plugin build` compiles against the Genera that is there.
                .library(name: "__MODULE__", type: .dynamic, targets: ["__MODULE__"]),
                // A program with this family and all built-in ones.
                .executable(name: "genera-__FAMILY__", targets: ["genera-__FAMILY__"]),
            ],
            dependencies: [
                // A plugin fits only programs of the very version of Genera it was built with.
                __DEPENDENCY__
            ],
            targets: [
                // Depend on the product "Genera" alone: it is one dynamic library with all that Genera has, tests' helpers too.
                .target(name: "__MODULE__", dependencies: [.product(name: "Genera", package: "__PACKAGE__")]),
                .executableTarget(
                    name: "genera-__FAMILY__",
                    dependencies: ["__MODULE__", .product(name: "Genera", package: "__PACKAGE__")]),
                .testTarget(
                    name: "__MODULE__Tests",
                    dependencies: ["__MODULE__", .product(name: "Genera", package: "__PACKAGE__")],
                    exclude: ["Golden"]),
            ],
            swiftLanguageModes: [.v6]
        )

        """

    static let ignored = """
        .build/
        Package.resolved
        /runs/

        """

    static let configuration = """
        # genera train __FAMILY__ --config train.yaml --out runs/first
        # Any option of `train __FAMILY__ --help`, by its long name. The command line wins.
        width: 128
        steps: 3000
        batch-size: 256
        lr: 0.002
        log-every: 20
        checkpoint-every: 500
        preview-every: 500
        preview-count: 2000
        seed: 1

        """

    static let readme = """
        # __MODULE__

        A family of generative models for Genera, `__FAMILY__`: points in the plane by flow matching, to be made into your own.

            genera plugin build --install

        compiles it against the `genera` you have, which must be version __VERSION__, built by the same Swift compiler: seconds. After each
        change the same again. Then it is a family like all others:

            genera train __FAMILY__ --config train.yaml --out runs/first
            genera sample __FAMILY__ --checkpoint runs/first --count 4000 --out __FAMILY__.png
            genera reproduce __FAMILY__.png
            genera __FAMILY__ speed --checkpoint runs/first --out speed.csv

        Its tests, and a program with this family and all built-in ones, compile Genera too, the first time for minutes:

            export SWIFT_DETERMINISTIC_HASHING=1    # else SwiftPM compiles all of Genera anew now and then
            swift test
            swift build -c release
            .build/release/genera-__FAMILY__ list

        | file | what to change there |
        |---|---|
        | `Sources/__MODULE__/__MODULE__Family.swift` | name, summary, paper, options of `sample` and `train` |
        | `Sources/__MODULE__/VelocityNetwork.swift` | the network; names of its parts are the checkpoint's keys |
        | `Sources/__MODULE__/FlowSampler.swift` | how samples are drawn, and what a sample is |
        | `Sources/__MODULE__/FlowObjective.swift` | the loss; several losses or optimisers need a `Trainer` |
        | `Sources/__MODULE__/TwoMoonsData.swift` | the data |
        | `Sources/__MODULE__/Speed.swift` | a command of its own, `__FAMILY__ speed` |
        | `Sources/__MODULE__/Plugin.swift` | nothing: the entry points for loading at run time |
        | `Tests/__MODULE__Tests/Golden` | outputs of the reference implementation; those here were computed by loops in double precision |

        """

    static let plugin = """
        import Genera

        /// The families of this package.
        public let families: [any ModelFamily.Type] = [__MODULE__Family.self]

        /// What the plugin was built with.
        @_cdecl("genera_plugin_info")
        public func pluginInfo() -> UnsafePointer<CChar> { genera_plugin_tag() }

        /// Hands the families to the program that opened the plugin.
        @_cdecl("genera_plugin_register")
        public func pluginRegister(_ host: UnsafeMutableRawPointer) -> Int32 {
            PluginEntry.register(host) { families }
        }

        """

    static let program = """
        import CommandLine
        import Genera
        import __MODULE__

        GeneraMain.run(families: builtinFamilies + families)

        """
}
