#!/usr/bin/env bash
# usage: make-image.sh DIRECTORY [--bare]
#
# Makes the files of a container image out of this machine's Debian Python (with --bare: a shell
# alone), as the tar that a container runtime exports, and a program `podman` that gives it out. The
# program writes the words it is called with to DIRECTORY/calls.
set -euo pipefail

directory=$1
root=$directory/root
mkdir -p "$root"/usr/{bin,lib/x86_64-linux-gnu,lib64,share/zoneinfo} \
    "$root"/{etc,dev,proc,sys,tmp,run} "$directory/bin"
for name in bin lib lib64; do ln -s "usr/$name" "$root/$name"; done
printf 'ID=testos\nVERSION_ID="7"\n' > "$root/usr/lib/os-release"
ln -s ../usr/lib/os-release "$root/etc/os-release"
ln -s /usr/share/zoneinfo/UTC "$root/etc/localtime"
touch "$root/etc/hosts" "$root/dev/console"
printf 'only in the image\n' > "$root/etc/image-mark"

programs=(/bin/sh /bin/cat)
if [[ "${2:-}" != "--bare" ]]; then
    programs+=(/usr/bin/python3.11)
    cp -r --parents /usr/lib/python3.11 "$root" 2> /dev/null
    rm -rf "$root"/usr/lib/python3.11/{test,dist-packages,idlelib,lib2to3,config-*}
    ln -s python3.11 "$root/usr/bin/python3"
fi
for program in "${programs[@]}"; do
    cp -L "$program" "$root/usr/bin/"
    for library in $(ldd "$program" | grep -o '/[^ ]*'); do
        case $library in
        /lib64/*) cp -L "$library" "$root/usr/lib64/" ;;
        *) cp -L "$library" "$root/usr/lib/x86_64-linux-gnu/" ;;
        esac
    done
done
cp "$root/usr/bin/sh" "$root/usr/bin/su"
chmod 4755 "$root/usr/bin/su"
printf 'upper\n' > "$root/usr/share/Name"
printf 'lower\n' > "$root/usr/share/name"
mkdir "$root/etc/closed" && chmod 0500 "$root/etc/closed"
tar -C "$root" -cf "$directory/image.tar" .
rm -r "$root"

cat > "$directory/bin/podman" <<PROGRAM
#!/bin/sh
echo "\$*" >> '$directory/calls'
case "\$1" in
image)
    test -e '$directory/pulled' || { echo "Error: no such image" >&2; exit 125; }
    echo '["PATH=/usr/bin:/bin","IMAGE_SAYS=hello=world"]'
    ;;
pull) touch '$directory/pulled' ;;
create) echo c0ffee ;;
export) cp '$directory/image.tar' "\$3" ;;
rm) ;;
*) echo "unknown command \$1" >&2; exit 2 ;;
esac
PROGRAM
chmod +x "$directory/bin/podman"
