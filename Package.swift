// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The families that ship with Genera, each behind a trait of its own name.
let families = ["PFGMPP", "Splatting", "GDSS", "RADD"]

let package = Package(
    name: "Genera",
    platforms: [.macOS(.v15)],
    products: [
        // One dynamic library with all that a family may import. A second product with the core in it would bring a second
        // core into the programs that use both.
        .library(name: "Genera", type: .dynamic, targets: ["Genera", "CommandLine", "GeneraTesting"]),
        .executable(name: "genera", targets: ["Launcher"]),
        .plugin(name: "NewFamily", targets: ["NewFamily"]),
    ],
    traits: [
        .trait(name: "PFGMPP", description: "PFGM++, and its limits EDM diffusion and PFGM."),
        .trait(name: "Splatting", description: "Scenes of Gaussian splats: rendering, training, files."),
        .trait(name: "GDSS", description: "Graphs and molecules by coupled SDEs."),
        .trait(name: "RADD", description: "Text by absorbing discrete diffusion."),
        .trait(name: "FFTW", description: "Spectra by FFTW 3 (GPL) instead of LibTorch's FFT."),
        .default(enabledTraits: ["PFGMPP", "Splatting", "GDSS", "RADD", "FFTW"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        // C doors
        .target(name: "CLevels"),
        .target(name: "CPlugin"),
        .target(name: "CEngine", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(name: "CHDF5", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLibPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .target(name: "CPNG", dependencies: ["CLibPNG"]),
        .systemLibrary(name: "CLibJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .target(name: "CJPEG", dependencies: ["CLibJPEG"]),
        .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3", providers: [.apt(["libfftw3-dev"])]),
        .systemLibrary(name: "CCairo", pkgConfig: "cairo-ft", providers: [.apt(["libcairo2-dev"])]),

        // Floors
        .target(name: "Platform", dependencies: ["CCrypto"], swiftSettings: settings),
        .target(name: "Tensors", dependencies: ["Platform", "CEngine"], swiftSettings: settings),
        .target(name: "Layers", dependencies: ["Platform", "Tensors"], swiftSettings: settings),
        .target(
            name: "Formats",
            dependencies: ["Platform", "Tensors", "CZlib", "CZstd", "CHDF5", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(
            name: "Imaging",
            dependencies: [
                "Platform", "CPNG", "CJPEG", "CWebP", "CCairo",
                .target(name: "CFFTW", condition: .when(traits: ["FFTW"])),
            ],
            swiftSettings: settings),
        .target(name: "Solvers", dependencies: ["Platform", "Tensors"], swiftSettings: settings),
        .target(name: "Metrics", dependencies: ["Platform", "Tensors"], swiftSettings: settings),
        .target(
            name: "Genera",
            dependencies: [
                "Platform", "Tensors", "Layers", "Formats", "Imaging", "Solvers", "Metrics",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                "CPlugin",
            ],
            swiftSettings: settings, plugins: ["CoreDigest"]),
        .plugin(name: "CoreDigest", capability: .buildTool()),
        .target(name: "GeneraTesting", dependencies: ["Genera"], swiftSettings: settings),

        // Families
        .target(name: "PFGMPP", dependencies: ["Genera"], path: "Plugins/PFGMPP", swiftSettings: settings),
        .target(name: "CSplats", dependencies: ["CLevels"], path: "Plugins/Splatting/Kernels"),
        .target(
            name: "Splatting", dependencies: ["Genera", "CSplats"], path: "Plugins/Splatting", exclude: ["Kernels"],
            swiftSettings: settings),
        .target(name: "CGDSS", dependencies: ["CLevels"], path: "Plugins/GDSS/Kernels"),
        .target(
            name: "GDSS", dependencies: ["Genera", "CGDSS"], path: "Plugins/GDSS", exclude: ["Kernels"],
            swiftSettings: settings),
        .target(name: "CRADD", dependencies: ["CLevels"], path: "Plugins/RADD/Kernels"),
        .target(
            name: "RADD", dependencies: ["Genera", "CRADD"], path: "Plugins/RADD", exclude: ["Kernels"],
            swiftSettings: settings),

        // Scaffold of a new family's package
        .target(name: "Scaffold", dependencies: ["CPlugin"], swiftSettings: settings),
        .executableTarget(
            name: "genera-scaffold",
            dependencies: ["Scaffold", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/ScaffoldTool", swiftSettings: settings),
        .plugin(
            name: "NewFamily",
            capability: .command(
                intent: .custom(verb: "new-family", description: "Write a package for a new family of models"),
                permissions: [.writeToPackageDirectory(reason: "It writes the new package's files.")]),
            dependencies: ["genera-scaffold"]),

        // Command line
        .target(
            name: "CommandLine",
            dependencies: ["Platform", "Genera", "Scaffold"]
                + families.map { .target(name: $0, condition: .when(traits: [$0])) }
                + [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),
        .executableTarget(name: "Launcher", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

        // Golden runners: one a family, used by `make golden` and by the tests
        .target(
            name: "Goldens", dependencies: ["GeneraTesting", "PFGMPP", "Splatting", "GDSS", "RADD"],
            path: "Tests/Goldens", swiftSettings: settings),
        .executableTarget(
            name: "golden", dependencies: ["Goldens"], path: "Tests/GoldenRunner", swiftSettings: settings),

        // Tables and plots of the studies in Benchmarks/studies
        .executableTarget(
            name: "study", dependencies: ["Genera", "PFGMPP"], path: "Benchmarks/studies/Tool", swiftSettings: settings),

        // Tests
        .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: settings),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CEngine"], swiftSettings: settings),
        .testTarget(name: "LayersTests", dependencies: ["Layers"], swiftSettings: settings),
        .testTarget(
            name: "FormatsTests", dependencies: ["Formats", "Tensors"], exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging"], swiftSettings: settings),
        .testTarget(name: "SolversTests", dependencies: ["Solvers", "GeneraTesting"], swiftSettings: settings),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics"], swiftSettings: settings),
        .testTarget(name: "GeneraTests", dependencies: ["Genera", "GeneraTesting"], swiftSettings: settings),
        .testTarget(name: "PFGMPPTests", dependencies: ["PFGMPP", "GeneraTesting"], swiftSettings: settings),
        .testTarget(
            name: "SplattingTests", dependencies: ["Splatting", "CSplats", "GeneraTesting"], swiftSettings: settings),
        .testTarget(name: "GDSSTests", dependencies: ["GDSS", "GeneraTesting"], swiftSettings: settings),
        .testTarget(name: "RADDTests", dependencies: ["RADD", "GeneraTesting"], swiftSettings: settings),
        .testTarget(name: "GoldenTests", dependencies: ["Goldens"], swiftSettings: settings),
        .testTarget(name: "ScaffoldTests", dependencies: ["Scaffold", "Genera"], swiftSettings: settings),
        .testTarget(
            name: "CommandLineTests", dependencies: ["CommandLine", "GeneraTesting"], swiftSettings: settings),
        // Damaged files for every reader. scripts/fuzz compiles the same sources with libFuzzer.
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "Platform", "Tensors", "Formats", "Imaging", "Genera", "Splatting", "GDSS", "RADD",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Fuzzers", exclude: ["Corpus", "README.md"], swiftSettings: settings),
        // Packages outside this one, built by what the guide says: minutes.
        .testTarget(name: "OutsideTests", dependencies: ["GeneraTesting"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
