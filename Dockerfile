# syntax=docker/dockerfile:1
# The gateway, for linux/amd64 and linux/arm64:
#   docker buildx build --platform linux/amd64,linux/arm64 -t iotgw .
# .ci/packages runs the steps of the first stage as plain commands; its paths are relative for that.

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH=amd64
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY gateway/ gateway/
COPY firmware/ firmware/
RUN dotnet publish gateway/IoTGateway \
      -p:PublishProfile=linux-$(echo "$TARGETARCH" | sed s/amd64/x64/) \
      -o ../out/app
# In a folder of its own: COPY takes what is in a folder as it is, and makes the folder itself with a mode of its own.
RUN install -d -m 700 ../out/volume/data

# No shell, no package manager, and a user without rights: 1654.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /out/app .
COPY --from=build --chown=1654:1654 /out/volume/ /
# The dashboard shows times in the zone of whoever looks. The base has no time zones; the SDK's image has them.
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
ENV HOME=/tmp Data__Path=/data Logging__Console__FormatterName=json DOTNET_EnableDiagnostics=0
VOLUME /data
EXPOSE 8443
USER 1654:1654
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["/app/iotgw", "ready"]
ENTRYPOINT ["/app/iotgw"]
