// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Genera", path: "..")],
    targets: [.executableTarget(name: "bench", dependencies: [.product(name: "Genera", package: "Genera")])],
    swiftLanguageModes: [.v6]
)
